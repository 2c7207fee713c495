/*
 * A master with two replicas and three Sentinels. Faults act on the server that is the master at that moment:
 *
 *   service, Sentinels, replicas ──► proxy of a server ──► server
 *
 * All reach a server by its proxy, whose port it announces, so a proxy that swallows everything cuts the master off. The
 * servers are started on a configuration file, in which the Sentinels record who is the master.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { redisArguments, redisBinary, socketIn, type Appendfsync } from '../../rig/redis.ts'
import { redisCommand, usedMemory } from '../../rig/redis-command.ts'
import { openProxy, type TcpProxy } from '../../rig/tcp-proxy.ts'
import { AppendOnlyFile } from './append-only-file.ts'
import { Program } from './program.ts'
import { Redis } from './redis.ts'

const HOST = '127.0.0.1'
const NAME = 'mymaster'
export const SERVERS = 3
export const SENTINELS = 3
const QUORUM = 2
/** Milliseconds without an answer after which a master counts as down, and after which another failover may begin. */
const DOWN_AFTER_MS = 2_000
const FAILOVER_TIMEOUT_MS = 3_000
/** A master that hears of no replica for so long refuses writes: this bounds what a cut-off master accepts. */
const MOST_LAG_SECONDS = 5
const WATCH_INTERVAL_MS = 100
const COMMAND_TIMEOUT_MS = 10_000
const COMPLETE_DEADLINE_MS = 60_000

export interface SentinelRedisOptions {
  readonly folder: string
  readonly appendfsync: Appendfsync
  /** The PATH of this process. */
  readonly path: string
  /** Free ports: of the servers, then of the Sentinels. */
  readonly ports: readonly number[]
}

interface Server {
  readonly folder: string
  readonly program: Program
  readonly proxy: TcpProxy
}

/** The replicated Redis of the proof, which looks like a single one to faults. */
export class SentinelRedis extends Redis {
  /** The environment keys of a service that uses it. */
  readonly env: Readonly<Record<string, string>>
  readonly way: Omit<TcpProxy, 'port'>
  readonly #servers: readonly Server[]
  readonly #sentinels: readonly Program[]
  /** Sockets of the Sentinels. */
  readonly #sockets: readonly string[]
  readonly #watch: NodeJS.Timeout
  #present = 0

  static async open ({ folder, appendfsync, path, ports }: SentinelRedisOptions): Promise<SentinelRedis> {
    const servers: Server[] = []
    for (const [index, port] of ports.slice(0, SERVERS).entries()) {
      const own = join(folder, `redis-${index + 1}`)
      mkdirSync(own)
      const proxy = await openProxy(port)
      const conf = join(own, 'redis.conf')
      writeFileSync(conf, index === 0 ? '' : `replicaof ${HOST} ${servers[0]?.proxy.port}\n`)
      const program = new Program({
        name: `redis-${index + 1}`,
        file: redisBinary(),
        args: [
          conf, ...redisArguments(own, true, appendfsync), '--port', String(port), '--bind', HOST,
          '--replica-announce-ip', HOST, '--replica-announce-port', String(proxy.port),
          '--repl-diskless-sync-delay', '0',
          '--min-replicas-to-write', '1', '--min-replicas-max-lag', String(MOST_LAG_SECONDS)
        ],
        env: { PATH: path },
        logFile: join(folder, `redis-${index + 1}.log`)
      })
      servers.push({ folder: own, program, proxy })
    }
    return new SentinelRedis(folder, path, servers, ports.slice(SERVERS, SERVERS + SENTINELS))
  }

  private constructor (folder: string, path: string, servers: readonly Server[], ports: readonly number[]) {
    super({ folder, appendfsync: 'always', path })
    this.#servers = servers
    this.#sockets = ports.map((_, index) => join(folder, `sentinel-${index + 1}.sock`))
    this.#sentinels = ports.map((port, index) => {
      const conf = join(folder, `sentinel-${index + 1}.conf`)
      writeFileSync(conf, [
        `port ${port}`, `bind ${HOST}`, `dir ${folder}`, `unixsocket ${this.#sockets[index]}`,
        `sentinel monitor ${NAME} ${HOST} ${servers[0]?.proxy.port} ${QUORUM}`,
        `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${NAME} ${FAILOVER_TIMEOUT_MS}`, ''
      ].join('\n'))
      return new Program({
        name: `sentinel-${index + 1}`,
        file: redisBinary(),
        args: [conf, '--sentinel'],
        env: { PATH: path },
        logFile: join(folder, `sentinel-${index + 1}.log`)
      })
    })
    this.env = {
      REDIS_URL: `redis://${NAME}`,
      REDIS_SENTINELS: ports.map((port) => `${HOST}:${port}`).join(','),
      REDIS_SENTINEL_NAME: NAME,
      // All that may be promoted: a replica may be chosen while the former master goes on and the other one follows it.
      REDIS_SYNC_REPLICAS: String(SERVERS - 1)
    }
    const all = (act: (proxy: TcpProxy) => void) => { for (const { proxy } of servers) act(proxy) }
    this.way = {
      delayBy: (delayMs) => { all((proxy) => proxy.delayBy(delayMs)) },
      stall: () => { this.#server.proxy.stall() },
      swallow: () => { this.#server.proxy.swallow() },
      resume: () => { all((proxy) => proxy.resume()) },
      reset: () => { this.#server.proxy.reset() },
      stop: () => { all((proxy) => proxy.stop()) }
    }
    this.#watch = setInterval(() => { void this.#look() }, WATCH_INTERVAL_MS)
  }

  override get parts (): readonly Program[] {
    return [...this.#servers.map(({ program }) => program), ...this.#sentinels]
  }

  override get master (): number { return this.#present }

  override get replicas (): readonly Program[] {
    return this.#servers.flatMap(({ program }, index) => index === this.#present ? [] : [program])
  }

  override get file (): AppendOnlyFile { return new AppendOnlyFile(this.#server.folder) }

  override start (): void { for (const part of this.parts) part.start() }

  override signal (signal: NodeJS.Signals): void {
    if (signal === 'SIGCONT') for (const { program } of this.#servers) program.signal(signal)
    else this.#server.program.signal(signal)
  }

  override async kill (): Promise<void> { await this.#server.program.kill() }

  override async stop (deadlineMs: number): Promise<void> {
    clearInterval(this.#watch)
    await Promise.all(this.parts.map((part) => part.stop(deadlineMs)))
  }

  override killNow (): void {
    clearInterval(this.#watch)
    for (const part of this.parts) part.killNow()
  }

  override usedMemory (): Promise<number> { return usedMemory(socketIn(this.#server.folder), COMMAND_TIMEOUT_MS) }

  override command (line: string): Promise<string> {
    return redisCommand(socketIn(this.#server.folder), line, COMMAND_TIMEOUT_MS)
  }

  /** Has the Sentinels promote a replica, while the master works. */
  override async promote (): Promise<void> {
    await redisCommand(this.#sockets[0] as string, `SENTINEL FAILOVER ${NAME}`, COMMAND_TIMEOUT_MS)
  }

  /** Resolves once the Sentinels know each other and all replicas: from then on they can promote one. */
  override async complete (): Promise<void> {
    const deadline = performance.now() + COMPLETE_DEADLINE_MS
    for (;;) {
      const views = await this.#views()
      if (views.every((view) => view?.replicas === SERVERS - 1 && view.sentinels === SENTINELS)) return
      if (performance.now() > deadline) throw new Error('the Sentinels did not find the replicas')
      await wait(WATCH_INTERVAL_MS)
    }
  }

  get #server (): Server { return this.#servers[this.#present] as Server }

  /** Asks the Sentinels for the master; reports another one than before. */
  async #look (): Promise<void> {
    const views = await this.#views()
    const masters = views.map((view) => this.#servers.findIndex(({ proxy }) => proxy.port === view?.port))
    const agreed = masters.find((master) => master !== -1 && masters.filter((other) => other === master).length >= QUORUM)
    if (agreed === undefined || agreed === this.#present) return
    this.#present = agreed
    this.onPromotion()
  }

  /** Asks each Sentinel for the port of the master and how many servers it knows; undefined without an answer. */
  async #views (): Promise<({ port: number, replicas: number, sentinels: number } | undefined)[]> {
    return await Promise.all(this.#sockets.map(async (socket) => {
      const info = await redisCommand(socket, 'INFO sentinel', DOWN_AFTER_MS).catch(() => '')
      const [, port, replicas, sentinels] = /address=[^:]+:(\d+),slaves=(\d+),sentinels=(\d+)/.exec(info) ?? []
      return port === undefined
        ? undefined
        : { port: Number(port), replicas: Number(replicas), sentinels: Number(sentinels) }
    }))
  }
}
