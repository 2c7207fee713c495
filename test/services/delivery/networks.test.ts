import t from 'tap'
import { isWithin, parseNetworks, type Networks } from '../../../services/delivery/networks.ts'

const networks = (text: string) => parseNetworks(text) as Networks

t.test('knows each kind of address, in both versions and mapped', async (t) => {
  const table: Record<string, string[]> = {
    loopback: ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
    private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fdff::1', '::ffff:10.0.0.1'],
    'link-local': ['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
    public: ['1.1.1.1', '172.15.0.1', '172.32.0.1', '192.169.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1'],
    none: ['0.0.0.0', '::', '224.0.0.1', '255.255.255.255', 'ff02::1', '64:ff9b::a9fe:a9fe', '2002:7f00:1::', '::ffff:0.0.0.0']
  }
  const kinds = Object.keys(table).filter((kind) => kind !== 'none')
  for (const [kind, addresses] of Object.entries(table)) {
    for (const address of addresses)
      t.strictSame(kinds.filter((asked) => isWithin(networks(asked), address)), kinds.filter((one) => one === kind), address)
  }
})

t.test('takes addresses and networks beside kinds', async (t) => {
  const own = networks(' PUBLIC , 10.1.0.0/16,192.168.0.7, fd12::/16, 169.254.169.254')
  for (const address of ['1.1.1.1', '10.1.255.1', '192.168.0.7', 'fd12::9', '169.254.169.254']) t.ok(isWithin(own, address), address)
  for (const address of ['10.2.0.1', '192.168.0.8', 'fd13::9', '127.0.0.1', '169.254.0.1']) t.notOk(isWithin(own, address), address)
})

t.test('refuses what is no network', async (t) => {
  for (const text of ['', 'public,', 'everywhere', '10.0.0.0/33', '::/129', '10.0.0/8', '1.1.1.1/8/8', '1.1.1.1/', '1.1.1.1/x', 'constructor'])
    t.equal(parseNetworks(text), undefined, text)
})
