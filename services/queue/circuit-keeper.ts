import type { Redis } from 'ioredis'
import { worseState } from '../admission/circuit.ts'
import { circuitRecordOf, MOST_EPOCH, type CircuitAnswer, type CircuitStep } from '../admission/circuit-record.ts'
import { Scripts } from '../redis/scripts.ts'
import type { QueueKeys } from './keys.ts'
import type { Repair } from './repair.ts'

/** Keeps the circuit that all replicas share in the control record. */
export class CircuitKeeper {
  readonly #scripts: Scripts<'move-circuit' | 'reset-circuit'>
  readonly #keys: QueueKeys
  readonly #repair: Repair

  constructor (redis: Redis, keys: QueueKeys, repair: Repair) {
    this.#scripts = new Scripts(redis, import.meta.url, { 'move-circuit': 1, 'reset-circuit': 1 }, { MOST_EPOCH })
    this.#keys = keys
    this.#repair = repair
    repair.watch([{
      key: keys.control, type: 'hash', numbers: ['resets', 'circuit-epoch', 'circuit-since', 'circuit-transitions']
    }])
  }

  /**
   * Moves the circuit, unless it has been moved since the step was decided.
   *
   * @param mostAgeMs an older reading moves nothing
   */
  async move ({ known, circuits, aboveEpoch, readAt }: CircuitStep, mostAgeMs: number): Promise<CircuitAnswer> {
    const [isMoved, redisTimeMs, flat] = await this.#repair.guard(() => this.#scripts.run('move-circuit', [
      this.#keys.control,
      known?.epoch ?? 0, known === undefined ? '' : worseState(known.circuits.depth, known.circuits.bytes),
      aboveEpoch, readAt ?? '', mostAgeMs,
      worseState(circuits.depth, circuits.bytes), circuits.depth, circuits.bytes, this.#keys.circuitMoves
    ])) as [isMoved: number, redisTimeMs: number, flat: string[]]
    return { isMoved: isMoved === 1, record: circuitRecordOf(fieldsOf(flat)), redisTimeMs }
  }

  /** Closes the circuit and counts a reset. */
  async reset (): Promise<void> {
    await this.#repair.guard(() => this.#scripts.run('reset-circuit', [this.#keys.control]))
  }
}

/** A move of the circuit as Redis tells it to all: fields of the control record, and its time. */
export interface HeardMove {
  readonly control: Readonly<Record<string, string>>
  readonly redisTimeMs: number
}

/** Decodes a move that move-circuit.lua has published as JSON; undefined for any other text. */
export function decodeMove (text: string): HeardMove | undefined {
  try {
    const [redisTimeMs, flat] = JSON.parse(text) as [redisTimeMs: unknown, flat: unknown]
    if (!Number.isSafeInteger(redisTimeMs) || !Array.isArray(flat)) return undefined
    return { control: fieldsOf(flat.map(String)), redisTimeMs: redisTimeMs as number }
  } catch {
    return undefined
  }
}

function fieldsOf (flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index], flat[2 * index + 1]])
  )
}
