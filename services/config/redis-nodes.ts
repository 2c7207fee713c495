import type { ConfigProblem } from './config-error.ts'

export const NODES_ALLOWED = 'host:port, separated by commas'

export interface Node {
  readonly host: string
  readonly port: number
}

const NODE = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i

/** Parses addresses of Sentinels or nodes, each host:port, an IPv6 address in brackets; undefined if one is wrong. */
export function parseNodes (text: string): readonly Node[] | undefined {
  const nodes = text.split(',').map((node) => {
    const [, address, name, digits] = NODE.exec(node.trim()) ?? []
    return { host: address ?? name ?? '', port: Number(digits) }
  })
  return nodes.every(({ host, port }) => host !== '' && port >= 1 && port <= 65_535) ? nodes : undefined
}

interface NodeKeys {
  readonly REDIS_URL?: string
  readonly REDIS_SENTINELS?: string
  readonly REDIS_CLUSTER_NODES?: string
}

/** Checks that each address is usable, and that the keys fit together. */
export function redisNodeProblems (keys: NodeKeys): ConfigProblem[] {
  return [...sentinelProblems(keys), ...clusterProblems(keys)]
}

/** Sentinels also need a URL with what they do not know. */
function sentinelProblems ({ REDIS_SENTINELS: text, REDIS_URL: url }: NodeKeys): ConfigProblem[] {
  if (text === undefined) return []
  const key = 'REDIS_SENTINELS'
  const given = JSON.stringify(text)
  if (parseNodes(text) === undefined) return [{ key, given, allowed: NODES_ALLOWED }]
  if (url !== undefined && isTcp(url)) return []
  return [{ key, given, allowed: 'Sentinels together with a REDIS_URL such as redis://user:password@mymaster' }]
}

function clusterProblems (
  { REDIS_CLUSTER_NODES: text, REDIS_URL: url, REDIS_SENTINELS: sentinels }: NodeKeys
): ConfigProblem[] {
  if (text === undefined) return []
  const key = 'REDIS_CLUSTER_NODES'
  const problem = (allowed: string): ConfigProblem[] => [{ key, given: JSON.stringify(text), allowed }]
  if (parseNodes(text) === undefined) return problem(NODES_ALLOWED)
  if (sentinels !== undefined) {
    return problem('either REDIS_CLUSTER_NODES or REDIS_SENTINELS: a Cluster promotes its replicas itself')
  }
  if (url === undefined) return []
  if (!isTcp(url)) return problem('nodes of a Cluster with a REDIS_URL that begins with redis:// or rediss://, or none')
  if (/^\/0*$|^$/.test(URL.parse(url)?.pathname ?? '')) return []
  return problem('nodes of a Cluster with a REDIS_URL without a database: a Cluster has only database 0')
}

/**
 * Returns the REDIS_URL of nodes without one: the first of them. The nodes give the address, and only an absent URL
 * means an embedded Redis.
 */
export function urlOfNodes (text: string): string {
  return `redis://${text.split(',', 1)[0]?.trim()}`
}

function isTcp (url: string): boolean {
  return /^rediss?:/.test(url)
}
