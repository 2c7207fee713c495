import type { Redis } from 'ioredis'
import { balanceOf, differences, type Imbalance } from '../ledger/balance.ts'
import { ledgerOf } from '../ledger/ledger.ts'
import { Scripts } from '../redis/scripts.ts'
import type { QueueKeys } from './keys.ts'
import type { Repair } from './repair.ts'

/** The most that are kept of each shard. */
export const MOST_REBASES = 100
const REBASE_TRIES = 5

/**
 * A difference that an operator has written off: the time by the clock of Redis, the events on each side, the reason,
 * and the operator if known.
 */
export interface Rebase extends Imbalance {
  readonly at: string
  readonly reason: string
  readonly by: string
}

/** Writes off the differences of the ledger, so its laws hold again, and records who did it and why. */
export class Rebases {
  readonly #redis: Redis
  readonly #repair: Repair
  readonly #ledger: string
  readonly #history: string
  readonly #scripts: Scripts<'rebase'>

  constructor (redis: Redis, repair: Repair, keys: QueueKeys) {
    this.#redis = redis
    this.#repair = repair
    this.#ledger = keys.ledger
    this.#history = keys.rebases
    repair.watch([{ key: this.#history, type: 'list' }])
    this.#scripts = new Scripts(redis, import.meta.url, { rebase: 2 })
  }

  /** Returns the differences of both sides; records nothing if both are zero. */
  async book (reason: string, by: string): Promise<Imbalance> {
    return await this.#repair.guard(() => this.bookUnguarded(reason, by))
  }

  /** The same within a repair, which must not wait for another one. */
  async bookUnguarded (reason: string, by: string): Promise<Imbalance> {
    for (let tries = 0; tries < REBASE_TRIES; tries++) {
      const ledger = ledgerOf(amounts(await this.#redis.hgetall(this.#ledger)))
      const off = balanceOf(ledger).imbalance
      const booking = differences(ledger).flat()
      if (booking.length === 0) return off
      const entry = JSON.stringify({ ...off, reason, by })
      const isBooked = await this.#scripts.run('rebase', [
        this.#ledger, this.#history, ledger.rebases, entry, MOST_REBASES, ...booking
      ])
      if (isBooked === 1) return off
    }
    throw new Error('other operators re-based the ledger at the same time; try again')
  }

  /** Returns the latest rebases, latest first. */
  async latest (): Promise<Rebase[]> {
    const entries = await this.#repair.guard(() => this.#redis.lrange(this.#history, 0, MOST_REBASES - 1))
    return entries.flatMap((entry) => decodeRebase(entry) ?? [])
  }
}

function amounts (fields: Record<string, string>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [field, Number.isSafeInteger(Number(value)) ? Number(value) : 0])
  )
}

/** Decodes an entry, a time of Redis, a space, and JSON; undefined if it is invalid. */
function decodeRebase (entry: string): Rebase | undefined {
  try {
    const space = entry.indexOf(' ')
    const { admission, queue, reason, by } = JSON.parse(entry.slice(space)) as Rebase
    if (![admission, queue].every(Number.isSafeInteger) || typeof reason !== 'string' || typeof by !== 'string') {
      return undefined
    }
    return { at: new Date(Number(entry.slice(0, space))).toISOString(), admission, queue, reason, by }
  } catch {
    return undefined
  }
}
