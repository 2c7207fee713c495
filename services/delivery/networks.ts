import { BlockList, isIP, isIPv4 } from 'node:net'

/** Kinds of addresses by name. An IPv6 address that maps an IPv4 one is of the kind of that. */
const KINDS = {
  loopback: ['127.0.0.0/8', '::1/128'],
  // fec0::/10 is deprecated, and still an own network where it is in use.
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'],
  'link-local': [
    '169.254.0.0/16', 'fe80::/10',
    // Clouds serve credentials to their machines here too.
    '100.100.100.200/32', '168.63.129.16/32', 'fd00:ec2::/32', 'fd20:ce::254/128', 'fd00:c1::a9fe:a9fe/128',
    'fd00:42::42/128'
  ]
} as const

/** Addresses that a provider could assign to a host; IPv4-compatible and IPv4-translated ones are none of them. */
const UNICAST = ['0.0.0.0/0', '2000::/3']

/**
 * Nobody serves web hooks there: this host, multicast, reserved, documentation. Addresses of NAT64, 6to4 and Teredo
 * stand for IPv4 ones, which may be private.
 */
const NOWHERE = [
  '0.0.0.0/8', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24',
  '224.0.0.0/4', '240.0.0.0/4', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'
]

const lists = Object.fromEntries(Object.entries(KINDS).map(([kind, all]) => [kind, listOf(all)])) as
  Record<keyof typeof KINDS, BlockList>
const unicast = listOf(UNICAST)
const nowhere = listOf(NOWHERE)

/** Networks that a process may connect to. */
export interface Networks {
  readonly kinds: ReadonlySet<string>
  readonly others: BlockList
}

/** Parses `public`, `private`, `loopback`, `link-local`, addresses and CIDR networks, separated by commas. */
export function parseNetworks (text: string): Networks | undefined {
  const kinds = new Set<string>()
  const others = new BlockList()
  for (const item of text.split(',').map((part) => part.trim().toLowerCase())) {
    if (item === 'public' || Object.hasOwn(KINDS, item)) kinds.add(item)
    else if (!add(others, item)) return undefined
  }
  return { kinds, others }
}

export function isWithin ({ kinds, others }: Networks, address: string): boolean {
  return isOn(others, address) || kinds.has(kindOf(address))
}

function kindOf (address: string): string {
  // The most specific first: some of it lies within the private addresses.
  for (const kind of ['link-local', 'loopback', 'private'] as const) if (isOn(lists[kind], address)) return kind
  return isOn(unicast, address) && !isOn(nowhere, address) ? 'public' : 'nowhere'
}

function isOn (list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

function listOf (networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) add(list, network)
  return list
}

function add (list: BlockList, network: string): boolean {
  const [address = '', bits, ...rest] = network.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  if (version === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)) || Number(bits ?? most) > most)
    return false
  list.addSubnet(address, Number(bits ?? most), version === 4 ? 'ipv4' : 'ipv6')
  return true
}
