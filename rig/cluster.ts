import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { eventually } from './eventually.ts'
import { makeFolder } from './folder.ts'
import { freePorts } from './free-port.ts'
import type { Owner } from './owner.ts'
import { redisCommand } from './redis-command.ts'
import { RedisProcess } from './redis.ts'

const HOST = '127.0.0.1'
const SLOTS = 16_384
const MASTERS = 3

/** Milliseconds without an answer after which a replica takes the place of its master. */
const NODE_TIMEOUT_MS = 5_000
const COMMAND_MS = 10_000
/** Keys that MIGRATE moves at once, as redis-cli --cluster reshard does. */
const KEYS_AT_ONCE = 10

const CONFIG_FILE = 'nodes.conf'

export interface ClusterNode {
  readonly id: string
  readonly port: number
  readonly redis: RedisProcess
}

interface Place extends Omit<ClusterNode, 'redis'> {
  readonly busPort: number
  /** Undefined for a master. */
  readonly master: Place | undefined
  readonly slots: string
}

/** A Redis Cluster of three masters with a replica each, all of which sync every write. */
export class RedisCluster {
  readonly nodes: readonly ClusterNode[]

  constructor (nodes: readonly ClusterNode[]) {
    this.nodes = nodes
  }

  /** The environment keys of a service that uses it; names the nodes from this one on. */
  envFrom (first = 0): Record<string, string> {
    const nodes = [...this.nodes.slice(first), ...this.nodes.slice(0, first)]
    return { REDIS_URL: '', REDIS_CLUSTER_NODES: nodes.map(({ port }) => `${HOST}:${port}`).join() }
  }

  /** Resolves with the master of a key, as the first running node knows it. */
  async masterOf (key: string): Promise<ClusterNode> {
    const master = await this.#masterOf(await this.#slotOf(key))
    if (master === undefined) throw new Error(`no master has ${key}`)
    return master
  }

  /** Resolves with the master of a key and the other masters. */
  async mastersFrom (key: string): Promise<[ClusterNode, ClusterNode, ClusterNode]> {
    const master = await this.masterOf(key)
    const others = this.nodes.slice(0, MASTERS).filter(({ id }) => id !== master.id)
    return [master, ...others] as [ClusterNode, ClusterNode, ClusterNode]
  }

  /** Resolves with the replica of a master. */
  async replicaOf ({ id }: ClusterNode): Promise<ClusterNode> {
    const lines = await this.#ask(({ redis }) => redisCommand(redis.path, 'CLUSTER NODES', COMMAND_MS))
    const line = lines.split('\n').find((entry) => / (?:myself,)?slave /.test(entry) && entry.split(' ')[3] === id)
    return this.#nodeOf(line?.split(' ')[0])
  }

  /** Moves the slot of a key to another master, key by key, as `redis-cli --cluster reshard` does. */
  async moveSlot (key: string, target: ClusterNode): Promise<void> {
    const slot = await this.#slotOf(key)
    const source = await this.masterOf(key)
    const [from, to] = [new Redis(source.redis.path), new Redis(target.redis.path)]
    try {
      await to.cluster('SETSLOT', slot, 'IMPORTING', source.id)
      await from.cluster('SETSLOT', slot, 'MIGRATING', target.id)
      for (;;) {
        const keys = await from.call('CLUSTER', 'GETKEYSINSLOT', slot, KEYS_AT_ONCE) as string[]
        if (keys.length === 0) break
        await from.migrate(HOST, target.port, '', 0, COMMAND_MS, 'KEYS', ...keys)
      }
      await to.cluster('SETSLOT', slot, 'NODE', target.id)
      await from.cluster('SETSLOT', slot, 'NODE', target.id)
      for (const { redis } of this.nodes) {
        await eventually('each node knows the new master', async () => redis.pid === undefined ||
          ownerIn(await redisCommand(redis.path, 'CLUSTER NODES', COMMAND_MS), slot) === target.id)
      }
    } finally {
      from.disconnect()
      to.disconnect()
    }
  }

  async #slotOf (key: string): Promise<number> {
    const answer = await this.#ask(({ redis }) => redisCommand(redis.path, `CLUSTER KEYSLOT ${key}`, COMMAND_MS))
    return Number(answer.slice(1))
  }

  async #masterOf (slot: number): Promise<ClusterNode | undefined> {
    const id = ownerIn(await this.#ask(({ redis }) => redisCommand(redis.path, 'CLUSTER NODES', COMMAND_MS)), slot)
    return id === undefined ? undefined : this.#nodeOf(id)
  }

  #nodeOf (id: string | undefined): ClusterNode {
    const node = this.nodes.find((candidate) => candidate.id === id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  /** Asks the running nodes in turn, until one answers. */
  async #ask (ask: (node: ClusterNode) => Promise<string>): Promise<string> {
    const running = this.nodes.filter(({ redis }) => redis.pid !== undefined)
    return await Promise.any(running.map(ask))
  }
}

/** Returns the id of the master of a slot in an answer to CLUSTER NODES. */
function ownerIn (nodes: string, slot: number): string | undefined {
  const line = nodes.split('\n').find((entry) => entry.split(' ').slice(8).some((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return !range.startsWith('[') && Number(first) <= slot && slot <= Number(last)
  }))
  return line?.split(' ')[0]
}

/** Starts a Cluster whose nodes know each other from the start. It ends with its owner. */
export async function startCluster (owner: Owner): Promise<RedisCluster> {
  const places = await choosePlaces()
  const nodes = await Promise.all(places.map((place) => startNode(owner, place, places)))
  for (const { redis } of nodes) await eventually('the node is in the Cluster', () => isReady(redis))
  return new RedisCluster(nodes)
}

/**
 * Starts a master that has all slots but two and is alone: the others that it knows do not exist. It serves until it
 * notices that, as one that is cut off from the others does. Ends with its owner.
 */
export async function startStray (owner: Owner): Promise<ClusterNode> {
  // A master counts for the majority if it has a slot.
  const slots = [` 0-${SLOTS - MASTERS}`, ` ${SLOTS - 2}`, ` ${SLOTS - 1}`]
  const places = (await choosePlaces()).slice(0, MASTERS).map((place, index) => ({ ...place, slots: slots[index] ?? '' }))
  const node = await startNode(owner, places[0] as Place, places)
  await eventually('the stray serves', async () =>
    /^cluster_state:ok/m.test(await redisCommand(node.redis.path, 'CLUSTER INFO', COMMAND_MS)))
  return node
}

async function startNode (owner: Owner, place: Place, places: readonly Place[]): Promise<ClusterNode> {
  const folder = await makeFolder(owner)
  await writeFile(join(folder, CONFIG_FILE), configOf(place, places))
  const redis = new RedisProcess(folder, { appendonly: true, extraArgs: argumentsOf(place) })
  owner.teardown(() => redis.kill())
  await redis.start()
  return { id: place.id, port: place.port, redis }
}

async function choosePlaces (): Promise<readonly Place[]> {
  const ports = await freePorts(4 * MASTERS)
  const placeOf = (index: number, master: Place | undefined, slots: string): Place => ({
    id: randomBytes(20).toString('hex'), port: ports[2 * index] as number, busPort: ports[2 * index + 1] as number,
    master, slots
  })
  const firstSlot = (index: number) => Math.round(index * SLOTS / MASTERS)
  const masters = Array.from({ length: MASTERS }, (_, index) =>
    placeOf(index, undefined, ` ${firstSlot(index)}-${firstSlot(index + 1) - 1}`))
  return [...masters, ...masters.map((master, index) => placeOf(MASTERS + index, master, ''))]
}

/** Writes what a node has learned of the others, instead of having it meet them. */
function configOf (self: Place, places: readonly Place[]): string {
  const lines = places.map((place) => {
    const { id, port, busPort, master, slots } = place
    const flags = `${place === self ? 'myself,' : ''}${master === undefined ? 'master' : 'slave'}`
    const epoch = places.indexOf(master ?? place) + 1
    return `${id} ${HOST}:${port}@${busPort} ${flags} ${master?.id ?? '-'} 0 0 ${epoch} connected${slots}`
  })
  return [...lines, `vars currentEpoch ${MASTERS} lastVoteEpoch 0`, ''].join('\n')
}

function argumentsOf ({ port, busPort }: Place): string[] {
  return [
    '--port', String(port), '--bind', HOST, '--cluster-enabled', 'yes', '--cluster-config-file', CONFIG_FILE,
    '--cluster-port', String(busPort), '--cluster-node-timeout', String(NODE_TIMEOUT_MS),
    '--repl-diskless-sync-delay', '0'
  ]
}

/** Whether a node serves its slots, and has or is a replica that follows. */
async function isReady ({ path }: RedisProcess): Promise<boolean> {
  const [cluster, replication] = await Promise.all(
    ['CLUSTER INFO', 'INFO replication'].map((line) => redisCommand(path, line, COMMAND_MS))
  ) as [string, string]
  return /^cluster_state:ok/m.test(cluster) && /^(?:master_link_status:up|slave0:.*state=online)/m.test(replication)
}
