import type { ConfigProblem } from './config-error.ts'

export const SENTINELS_ALLOWED = 'host:port, separated by commas'

export interface Node {
  readonly host: string
  readonly port: number
}

const NODE = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i

/** Parses addresses of Sentinels, each host:port, an IPv6 address in brackets; undefined if one is wrong. */
export function parseSentinels (text: string): readonly Node[] | undefined {
  const nodes = text.split(',').map((node) => {
    const [, address, name, digits] = NODE.exec(node.trim()) ?? []
    return { host: address ?? name ?? '', port: Number(digits) }
  })
  return nodes.every(({ host, port }) => host !== '' && port >= 1 && port <= 65_535) ? nodes : undefined
}

/** Checks that each address of a Sentinel is usable, and that there is a URL with what they do not know. */
export function sentinelProblems (
  { REDIS_SENTINELS: text, REDIS_URL: url }: { REDIS_SENTINELS?: string, REDIS_URL?: string }
): ConfigProblem[] {
  if (text === undefined) return []
  const key = 'REDIS_SENTINELS'
  const given = JSON.stringify(text)
  if (parseSentinels(text) === undefined) return [{ key, given, allowed: SENTINELS_ALLOWED }]
  if (url !== undefined && /^rediss?:/.test(url)) return []
  return [{ key, given, allowed: 'Sentinels together with a REDIS_URL such as redis://user:password@mymaster' }]
}
