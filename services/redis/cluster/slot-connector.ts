/*
 * Connects a client to the master of a Redis Cluster that owns a slot, as a Sentinel connects one to its master: each
 * new connection asks for the owner again. All keys of a queue are in one slot, so a plain connection serves it, and a
 * command without a key reaches the server that has the queue.
 */
import { connect as connectTcp, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AbstractConnector, type RedisOptions } from 'ioredis'
import { isSameNode, type SlotOwner } from './slot-owner.ts'
import type { Node } from '../../config/redis-nodes.ts'

type Stream = AbstractConnector['stream']

/** Least milliseconds between two searches for another owner while the cluster is down. */
const SEARCH_INTERVAL_MS = 500

/** Returns the `Connector` option of a client that follows the owner. A duplicate of the client shares the owner. */
export function slotConnector (owner: SlotOwner): NonNullable<RedisOptions['Connector']> {
  return class extends SlotConnector {
    constructor (options: unknown) {
      super(owner, options as RedisOptions)
    }
  }
}

class SlotConnector extends AbstractConnector {
  readonly #owner: SlotOwner
  readonly #options: RedisOptions
  #node: Node | undefined
  #searchedAt = -Infinity
  #aborted = Promise.withResolvers<undefined>()

  constructor (owner: SlotOwner, options: RedisOptions) {
    super(options.disconnectTimeout as number)
    this.#owner = owner
    this.#options = options
    // The options of a duplicate are a copy, with the function of the original connection.
    options.reconnectOnError = (error) => this.#isElsewhere(error)
  }

  /** Refuses a master that became a replica meanwhile, so the next attempt asks again. */
  override check ({ role }: { role?: string }): boolean {
    return role === undefined || role === 'master'
  }

  override async connect (): Promise<Stream> {
    this.connecting = true
    delete this.firstError
    this.#aborted = Promise.withResolvers()
    let node: Node | undefined
    try {
      node = await Promise.race([this.#owner.find(), this.#aborted.promise])
    } catch (error) {
      this.firstError = error as Error
    }
    this.#node = node
    this.stream = node === undefined || !this.connecting ? closedStream() : this.#open(node)
    return this.stream
  }

  override disconnect (): void {
    this.#aborted.resolve(undefined)
    // For a closed stream the inherited method would leave a timer behind.
    if (this.stream?.destroyed ?? true) this.connecting = false
    else super.disconnect()
  }

  #open (node: Node): Stream {
    const stream = this.#options.tls ? connectTls({ ...node, ...this.#options.tls }) : connectTcp({ ...node })
    stream.once('error', (error) => { this.firstError = error })
    return stream
  }

  /** Whether an error of Redis means that the connection has to be established anew. */
  #isElsewhere ({ message }: Error): boolean {
    const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(message) ?? []
    if (port !== undefined) this.#owner.movedTo({ host: host || this.#node?.host || '', port: Number(port) })
    else if (message.startsWith('CLUSTERDOWN')) void this.#leaveFormerOwner()
    return port !== undefined || message.startsWith('READONLY')
  }

  /**
   * Closes the connection if another node is the owner. A master that is cut off from the others answers every command
   * with CLUSTERDOWN, and keeps its connections.
   */
  async #leaveFormerOwner (): Promise<void> {
    if (performance.now() - this.#searchedAt < SEARCH_INTERVAL_MS) return
    this.#searchedAt = performance.now()
    const { stream } = this
    const node = await this.#owner.find().catch(() => undefined)
    if (node === undefined || this.#node === undefined || isSameNode(node, this.#node)) return
    stream.destroy(new Error(`the Redis Cluster has another master for the queue: ${node.host}:${node.port}`))
  }
}

/** Returns a stream that is closed, so the client tries again as after a lost connection; an error would end it. */
function closedStream (): Stream {
  const stream = new Socket()
  stream.destroy()
  return stream
}
