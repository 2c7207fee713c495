import t from 'tap'
import { ConfigSchema } from '../../../services/config/schema.ts'
import { isWithin, parseNetworks, type Networks } from '../../../services/delivery/networks.ts'

const networks = (text: string) => parseNetworks(text) as Networks

/** Addresses by kind; nobody is allowed to connect to those of the kind `none` unless they are listed. */
const KINDS: Record<string, string[]> = {
  loopback: ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
  private: [
    '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.255.255', '100.100.100.201',
    'fc00::1', 'fdff::1', 'fd20:ce::253', 'fec0::1', 'feff:ffff::1', '::ffff:10.0.0.1', '::ffff:100.64.0.1'
  ],
  'link-local': [
    '169.254.0.1', 'fe80::1', 'febf::1', 'fe80::1%eth0', '::ffff:169.254.0.1', '::ffff:a9fe:1'
  ],
  public: [
    '1.1.1.1', '172.15.0.1', '172.32.0.1', '192.169.0.1', '100.63.255.255', '100.128.0.1', '168.63.129.15',
    '2001:4860:4860::8888', '2606:4700::1111', '::ffff:1.1.1.1'
  ],
  none: [
    // This host, multicast, reserved and documentation.
    '0.0.0.0', '0.0.0.1', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1',
    '240.0.0.1', '255.255.255.255', '::', '::2', '100::1', '2001:db8::1', '3fff::1', '4000::1', 'ff02::1',
    '::ffff:0.0.0.0',
    // IPv4-compatible and IPv4-translated.
    '::127.0.0.1', '::7f00:1', '::10.0.0.1', '::169.254.169.254', '::1.1.1.1', '::ffff:0:127.0.0.1',
    '::ffff:0:a9fe:a9fe',
    // NAT64, 6to4 with its relay, Teredo.
    '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::101:101', '64:ff9b:1::a00:1', '64:ff9b:1:ffff::1',
    '2002:7f00:1::', '2002:a00:1::1', '2002:a9fe:a9fe::', '192.88.99.1', '2001:0:7f00:1::',
    '2001:0:101:101:0:0:f5ff:fffe'
  ]
}

/** Addresses at which clouds serve credentials to their machines, of the kind `link-local` wherever they lie. */
const METADATA = [
  '169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254',
  'fd00:ec2::23', 'fd20:ce::254', 'fd00:c1::a9fe:a9fe', 'fd00:42::42', '::ffff:169.254.169.254',
  '::ffff:100.100.100.200', '::ffff:a83f:8110'
]

t.test('knows each kind of address, in both versions, mapped and translated', async (t) => {
  const kinds = Object.keys(KINDS).filter((kind) => kind !== 'none')
  const kindsOf = (address: string) => kinds.filter((kind) => isWithin(networks(kind), address))
  for (const [kind, addresses] of Object.entries(KINDS)) {
    for (const address of addresses) t.strictSame(kindsOf(address), kind === 'none' ? [] : [kind], address)
  }
  for (const address of METADATA) t.strictSame(kindsOf(address), ['link-local'], address)
})

t.test('refuses addresses of metadata by default, and accepts one that is listed', async (t) => {
  const usual = networks(ConfigSchema.properties.OUTBOUND_NETWORKS.default)
  for (const address of [...METADATA, ...KINDS.none ?? []]) {
    t.notOk(isWithin(usual, address), address)
    t.ok(isWithin(networks(`private, ${address}`), address), `${address} listed`)
  }
  t.notOk(isWithin(networks('fd20:ce::254'), '100.100.100.200'))
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
