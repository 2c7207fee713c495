import type { Random } from '../rig/random.ts'
import type { Account } from './account.ts'
import type { Mood } from './consumer/mood.ts'
import type { Bias } from './event/origin.ts'
import type { Stage } from './stage/stage.ts'
import { RISKS, type Risk } from './timeline.ts'

/** The targets that a fault can act on. */
export interface Scene extends Pick<Stage, 'redis' | 'proxy' | 'apis' | 'workers' | 'urls' | 'disk' | 'spools'> {
  readonly consumer: { readonly behave: (mood: Mood) => void, readonly reset: () => void }
  /** Posts so many events of one kind at once, in addition to the steady load. */
  readonly flood: (events: number, bias: Bias) => void
  /** Takes the data that the fault destroys. */
  readonly account: Pick<Account, 'now' | 'damage' | 'rollBack'>
}

/** The target of a fault; two faults with the same target are not injected at once. */
export const TARGETS = ['redis', 'way', 'api', 'worker', 'consumer', 'disk', 'load'] as const

export type Target = typeof TARGETS[number]

/** The export of a file of prove/faults/. The file name is the name of the fault. */
export interface Fault {
  /** The effect of the fault, for the report. */
  readonly description: string
  readonly targets: readonly Target[]
  /** The calls to the consumer that it may repeat. */
  readonly risk: Risk
  /** The shortest and the longest time that it lasts, milliseconds. */
  readonly lastsMs: readonly [shortest: number, longest: number]
  /** Whether it must run alone, since another fault at the same time would hide its effect. */
  readonly isAlone?: boolean
  /** Whether a worker stands still meanwhile, so a call that it began in time may arrive after a deadline. */
  readonly holdsCalls?: boolean
  /** Why it cannot be injected here; undefined when it can. */
  readonly obstacle?: (scene: Scene) => string | undefined
  readonly inject: (scene: Scene, random: Random) => Promise<void> | void
  /** Repairs what inject broke, as a supervisor or an operator would, without waiting for the effect. */
  readonly end: (scene: Scene, random: Random) => Promise<void> | void
}

export const FAULT_SHAPE = 'a Fault: { description, targets, risk, lastsMs, inject, end }'

export function isFault (candidate: unknown): candidate is Fault {
  const { description, targets, risk, lastsMs, obstacle, inject, end } = (candidate ?? {}) as Partial<Fault>
  return typeof description === 'string' && Array.isArray(targets) && targets.length > 0 &&
    targets.every((target) => TARGETS.includes(target)) &&
    RISKS.includes(risk as Risk) && Array.isArray(lastsMs) && lastsMs.length === 2 && lastsMs[0] <= lastsMs[1] &&
    (obstacle === undefined || typeof obstacle === 'function') && typeof inject === 'function' &&
    typeof end === 'function'
}
