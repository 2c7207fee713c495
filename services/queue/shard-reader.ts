/*
 * Reads all shards as one queue, or takes in what another process has read. One process reads for all others: the one
 * with the lease of the first shard also settles and publishes the others.
 */
import { once } from 'node:events'
import type { AddMark, InTransit } from '../admission/in-transit.ts'
import { Deadline } from '../clock/deadline.ts'
import { FIRST_SHARD } from './batch.ts'
import type { ProcessReport, ReportOptions } from './process-report.ts'
import type { QueueReading } from './reading.ts'
import type { ShardKeeper } from './shard-keeper.ts'
import type { ShardList } from './shard-list.ts'
import type { ShardMap } from './shard-map.ts'
import { ShardReadings } from './shard-readings.ts'
import type { Known } from './known.ts'
import type { Shard } from './shard.ts'

/** The parts of a sample that depend on the process that takes it. */
export interface SampleOptions extends ReportOptions {
  /** The fingerprint of the known settings, which the reading omits. */
  knownSettings?: string
  /** Whether the reading has to contain the fleet, even if it has not changed; true with an announcement. */
  needsFleet?: boolean
}

/** The circumstances in which a process adopts a reading of another one. */
export interface AdoptOptions {
  /** The fingerprint of the known settings. */
  readonly settings: string
  /** Whether a reading of the first shard of this time of Redis counts. */
  readonly isCurrent: (redisTimeMs: number) => boolean
  /** Whether it is young enough, for another shard. */
  readonly isRecent: (redisTimeMs: number) => boolean
  /** Milliseconds of a clock that nobody sets. */
  readonly now: number
  /** The age that no reading for which `isCurrent` holds exceeds. */
  readonly mostAgeMs: number
}

/** Stands for the fleet and the settings, which a further shard does not have. */
const WITHOUT_COMMON_DATA: Known = {
  settings: '::0', fleet: { members: [], skipped: 0 }, fleetChanges: '', needsFleet: false
}

/** How long a reading waits for the connections of new shards. */
const CONNECT_MS = 300

interface Parts {
  readonly list: ShardList
  readonly map: ShardMap
  readonly keeper: ShardKeeper
  readonly inTransit: InTransit
  readonly report: ProcessReport
  /** Called after each reading. */
  readonly onReading: () => void
}

export class ShardReader {
  readonly #parts: Parts
  readonly #readings = new ShardReadings()
  #reporting: ReturnType<ProcessReport['send']> | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #isInformed = false
  readonly #connected = new Set<Shard>()
  #known: Pick<Known, 'fleet' | 'fleetChanges'> = { fleet: { members: [], skipped: 0 }, fleetChanges: '' }

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /** Whether a shard holds nothing but receipts. */
  isEmpty (shard: number): boolean { return this.#readings.isEmpty(shard) }

  /** Whether the next sample should follow immediately: there is more to settle than one sample settles. */
  get isBehind (): boolean {
    const { away } = this.#readings
    return this.#opened.some((shard, number) =>
      (number === FIRST_SHARD || this.#leads) && !away.includes(number) && shard.isBehind)
  }

  /**
   * Whether this process settles further shards if it has their leases: the reader of the first shard does, so that one
   * process reads all of them for the others.
   */
  get #leads (): boolean { return this.isReader || this.#readings.away.includes(FIRST_SHARD) }

  /**
   * Announces this process, settles finished jobs if this process has to, and reads all shards. One reading waits for
   * another, since a shard is asked by one at a time.
   */
  async sample (options: SampleOptions = {}): Promise<QueueReading> {
    const own = this.#turn.then(() => this.#sample(options))
    this.#turn = own.catch(() => {})
    return await own
  }

  async #sample (
    { announcement, takeCounts, knownSettings = '', needsFleet = announcement !== undefined }: SampleOptions
  ): Promise<QueueReading> {
    if (!this.#isInformed) await this.#parts.keeper.learn()
    this.#isInformed = true
    const opened = this.#opened
    await this.#untilConnected(opened)
    // A further shard that hangs must not delay the reading of the others.
    const [recounted] = opened.map((shard) => shard.recountWhenDue())
    if (!this.#readings.away.includes(FIRST_SHARD)) await recounted
    const reported = this.#sendReport({ announcement, takeCounts })
    // Its failure counts unless the first shard alone is away.
    reported.catch(() => {})
    const contain = this.#parts.inTransit.beginReading()
    const isHeard = this.#known.fleet.members.length > 1
    const [known, leads] = [{ ...this.#known, settings: knownSettings, needsFleet, isHeard, leads: true }, this.#leads]
    const sampled = this.#readings.read(opened.map((shard, number) => () =>
      shard.sample(number === FIRST_SHARD ? known : { ...WITHOUT_COMMON_DATA, isHeard, leads })))
    const [read] = await Promise.allSettled([sampled])
    const isFirstAway = read.status === 'fulfilled' && read.value.awayShards?.includes(FIRST_SHARD) === true
    const removed = isFirstAway ? 0 : (await reported)?.removed ?? 0
    const reading = await sampled
    contain()
    this.#follow(reading)
    // A fleet that has not changed stays the same object, so listeners need not look at it again.
    const fleet = removed === 0 ? reading.fleet : { ...reading.fleet, skipped: reading.fleet.skipped + removed }
    if (fleet.skipped > 0) this.#reportBrokenMember()
    return { ...reading, fleet }
  }

  /** Whether this process reads the queue for all. */
  get isReader (): boolean { return this.#parts.list.at(FIRST_SHARD).isReader }

  /** Whether another process reads the queue, and publishes its readings for this one. */
  get isFollower (): boolean { return this.#parts.list.at(FIRST_SHARD).isFollower }

  /**
   * Takes in what another process has published on the channel of a shard. For the first shard it returns the reading of
   * all, if those of the others are young enough; the rest is as Shard.adopt has it.
   */
  adopt (
    channel: string, text: string, { settings, isCurrent, isRecent, now, mostAgeMs }: AdoptOptions
  ): QueueReading | 'insufficient' | undefined {
    const opened = this.#opened
    const number = opened.findIndex(({ keys }) => keys.readings === channel)
    const isFirst = number === FIRST_SHARD
    const own = opened[number]?.adopt(
      text, isFirst ? { ...this.#known, settings } : WITHOUT_COMMON_DATA, isFirst ? isCurrent : isRecent
    )
    if (own === undefined || own === 'insufficient') return isFirst ? own : undefined
    const reading = this.#readings.adopt(number, own, opened.length, isRecent)
    if (reading === undefined) return undefined
    this.#parts.inTransit.adoptReading(({ shard, priority, total }: AddMark) =>
      total <= this.#readings.enqueuedIn(shard, priority), now, mostAgeMs)
    this.#follow(reading)
    return reading
  }

  /** Shards documents it. */
  async report (options: ReportOptions): Promise<number | undefined> {
    const reported = await this.#sendReport(options)
    if (reported !== undefined && reported.removed > 0) this.#reportBrokenMember()
    return reported?.redisTimeMs
  }

  /** Sends one at a time to a first shard that hangs: it may answer later. */
  #sendReport (options: ReportOptions): ReturnType<ProcessReport['send']> {
    if (this.#reporting !== undefined && this.#readings.away.includes(FIRST_SHARD)) return this.#reporting
    const own = this.#parts.report.send(options).finally(() => { if (this.#reporting === own) this.#reporting = undefined })
    this.#reporting = own
    return own
  }

  /** Gives the connections of new shards a moment, so that they do not count as away. */
  async #untilConnected (opened: readonly Shard[]): Promise<void> {
    const fresh = opened.filter((shard) => !this.#connected.has(shard))
    for (const shard of fresh) this.#connected.add(shard)
    const unready = fresh.filter(({ redis }) => redis.status !== 'ready')
    // The connection of the first shard has its own ways to report that it is away.
    if (unready.length === 0 || unready.includes(opened[0] as Shard)) return
    const over = Promise.withResolvers<void>()
    const deadline = new Deadline(CONNECT_MS, over.resolve)
    await Promise.race([over.promise, Promise.all(unready.map(({ redis }) => once(redis, 'ready')))]).catch(() => {})
    deadline.clear()
  }

  get #opened (): Shard[] { return this.#parts.list.upTo(this.#parts.map.opened) }

  #reportBrokenMember (): void {
    const { keys, repair } = this.#parts.list.at(FIRST_SHARD)
    repair.report({ key: keys.fleet, entry: 'a process' })
  }

  #follow (reading: QueueReading): void {
    const { fleet, control } = reading
    this.#known = { fleet, fleetChanges: control.fleet ?? '' }
    this.#parts.map.observe(this.#readings.away, this.#readings.depths)
    this.#parts.keeper.observe(reading)
    this.#parts.onReading()
  }
}
