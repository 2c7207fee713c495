import type { Redis } from 'ioredis'
import type { PreShed } from '../admission/signals.ts'
import type { Thresholds } from '../admission/thresholds.ts'
import type { CapacityEstimate } from '../control/capacity.ts'
import { ForecastLoop, type ForecastOptions } from '../control/forecast-loop.ts'
import { forecastReadingOf } from '../control/forecast-reading.ts'
import type { Ahead } from '../control/in-force.ts'
import type { QueueReading } from '../queue/reading.ts'
import { isDamage } from '../queue/repair.ts'
import { workSampleOf } from '../queue/work-sample.ts'
import { HORIZON_MS } from '../scaling/surge.ts'
import { NOTHING_AHEAD, type ArrivalsAhead } from '../scaling/scaling-state.ts'
import { decodeLearned, encodeLearned, MOST_LEARNED_BYTES } from './learned-record.ts'

const SAVE_INTERVAL_MS = 60_000

export type ForecastMode = 'off' | 'observe' | 'act'

export interface ForecastingOptions extends Omit<ForecastOptions, 'stepSeconds'> {
  readonly redis: Redis
  /** The key of what was learned. */
  readonly key: string
  readonly sampleIntervalMs: number
  readonly demand: {
    readonly capacity: { readonly estimate: CapacityEstimate }
    readonly foresee: (ahead: ArrivalsAhead) => void
  }
  /** Whether depth is predicted, and whether anything is done about a predicted breach; operators may change it. */
  readonly mode: () => ForecastMode
  /** The record in Redis cannot be read, and the forecast starts afresh. */
  readonly onBroken: () => void
}

/** The forecast as it is shown; null stands for what is unknown. */
export interface ForecastState {
  readonly forecast: {
    readonly horizonMs: number
    readonly depth: number
    readonly low: number | null
    readonly high: number | null
    readonly skill: number | null
    readonly isTrusted: boolean
  }[]
  /** The lowest of those that are known. */
  readonly skill: number | null
  readonly breachMs: number | null
  readonly preShedShare: number
}

/**
 * The forecast of a running service. It begins once the record of what was learned has been read, which nothing waits
 * for, and writes that record once a minute and at the end. The last replica to write wins: all of them learn from the
 * same readings. While it is off it computes nothing and keeps what it has learned.
 */
export class Forecasting {
  readonly #options: ForecastingOptions
  readonly #stepSeconds: number
  #loop: ForecastLoop | undefined
  #isLoading = false
  /** The call of the forecast, whether or not it acts. */
  #advised: Ahead | undefined
  #preShed: PreShed | undefined
  /** When it was last written or read, on the clock of Redis. */
  #savedAt = 0

  constructor (options: ForecastingOptions) {
    this.#options = options
    this.#stepSeconds = Math.ceil(options.sampleIntervalMs / 1_000)
  }

  /** Undefined until what was learned has been read. */
  get loop (): ForecastLoop | undefined { return this.#loop }

  /** Takes in a reading, with the thresholds in force, and returns what to keep out of low events, if anything. */
  observe (reading: QueueReading, thresholds: Thresholds, isLowSampled: boolean): Ahead | undefined {
    const { redisTimeMs } = reading
    const { demand } = this.#options
    const mode = this.#options.mode()
    if (mode === 'off') {
      this.lose()
      return undefined
    }
    if (this.#loop === undefined) {
      if (!this.#isLoading) void this.#load(redisTimeMs)
      return undefined
    }
    const call = this.#loop.observe(forecastReadingOf(reading, {
      work: workSampleOf(reading), capacity: demand.capacity.estimate, thresholds, isLowSampled
    }))
    if (Math.abs(redisTimeMs - this.#savedAt) >= SAVE_INTERVAL_MS) {
      this.#savedAt = redisTimeMs
      void this.#save()
    }
    const acts = mode === 'act'
    demand.foresee({ breach: call.arrivalsAhead, atHorizon: this.#loop.arrivalsAt(HORIZON_MS / 1_000), acts })
    this.#advised = call
    this.#preShed = acts ? call.preShed : undefined
    return acts ? call : undefined
  }

  /** The measures that it calls for now, even while it only observes. */
  get advised (): Ahead | undefined { return this.#advised }

  lose (): void {
    this.#loop?.lose()
    this.#advised = undefined
    this.#preShed = undefined
    this.#options.demand.foresee(NOTHING_AHEAD)
  }

  get mode (): ForecastMode { return this.#options.mode() }

  get state (): ForecastState {
    const { depths = [], breachSeconds } = this.#loop ?? {}
    const skills = depths.flatMap(({ skill }) => skill ?? [])
    return {
      forecast: depths.map(({ horizonSeconds, depth, low, high, skill, isTrusted }) => ({
        horizonMs: 1_000 * horizonSeconds, depth: Math.round(depth), low: shown(low), high: shown(high),
        skill: shownShare(skill), isTrusted
      })),
      skill: skills.length === 0 ? null : shownShare(Math.min(...skills)),
      breachMs: breachSeconds === undefined ? null : Math.round(1_000 * breachSeconds),
      preShedShare: shownShare(this.#preShed?.share) ?? 0
    }
  }

  async close (): Promise<void> {
    await this.#save()
  }

  async #load (at: number): Promise<void> {
    const { redis, key, onBroken, onAct, onSettled } = this.#options
    this.#isLoading = true
    try {
      const text = await redis.getrange(key, 0, MOST_LEARNED_BYTES).catch((error: unknown) => {
        if (isDamage(error)) return 'damaged'
        throw error
      })
      const record = decodeLearned(text)
      if (record === undefined && text !== '') onBroken()
      const stepSeconds = this.#stepSeconds
      const saved = record?.stepSeconds === stepSeconds ? record.learned : undefined
      this.#savedAt = at
      this.#loop = new ForecastLoop({ stepSeconds, onAct, onSettled }, saved)
    } catch {
      // Redis is away; the next reading tries again.
    } finally {
      this.#isLoading = false
    }
  }

  /** A record that cannot be written now is written the next time. */
  async #save (): Promise<void> {
    const { redis, key } = this.#options
    const learned = this.#loop?.learned
    if (learned === undefined) return
    await redis.set(key, encodeLearned({ stepSeconds: this.#stepSeconds, learned })).catch(() => {})
  }
}

function shown (value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value)
}

/** To a thousandth: what is shown has no more digits. */
function shownShare (share: number | undefined): number | null {
  return share === undefined ? null : Math.round(share * 1_000) / 1_000
}
