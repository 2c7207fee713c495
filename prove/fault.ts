import type { Random } from './random.ts'
import type { Stage } from './stage.ts'

/** What a file of prove/faults/ exports. The file name is the name of the fault. */
export interface Fault {
  /** What it does, for the report. */
  readonly description: string
  /** The shortest and the longest time that it lasts, milliseconds. */
  readonly lastsMs: readonly [shortest: number, longest: number]
  /** Why it cannot be injected here; undefined when it can. */
  readonly obstacle?: (stage: Stage) => string | undefined
  readonly inject: (stage: Stage, random: Random) => Promise<void> | void
  /** Puts right what inject has broken, as a supervisor or an operator would, and does not wait for the effect. */
  readonly end: (stage: Stage, random: Random) => Promise<void> | void
}

export const FAULT_SHAPE = 'a Fault: { description, lastsMs, inject, end }'

export function isFault (candidate: unknown): candidate is Fault {
  const { description, lastsMs, obstacle, inject, end } = (candidate ?? {}) as Partial<Fault>
  return typeof description === 'string' && Array.isArray(lastsMs) && lastsMs.length === 2 && lastsMs[0] <= lastsMs[1] &&
    (obstacle === undefined || typeof obstacle === 'function') && typeof inject === 'function' && typeof end === 'function'
}
