import type { Pattern } from '../../simulate/arrivals/pattern.ts'
import flashCrowd from '../../simulate/arrivals/patterns/flash-crowd.ts'

/** A load on the service and on the simulator alike. */
export interface Scenario {
  readonly name: string
  readonly arrivals: Pattern
  /** The mean, in events per second. */
  readonly perSecond: number
  /** The capacity is divided by this in the second third. */
  readonly capacityChange: number
  /** A file of simulate/world/clients/. */
  readonly client: string
  /** Subjects of the simulator, the first as the one to compare the others with. */
  readonly subjects: readonly string[]
}

/** Calm, then three times as much, then calm. */
const surge: Pattern = { rate: (share) => share >= 1 / 3 && share < 2 / 3 ? 3 : 1 }
const constant: Pattern = { rate: () => 1 }

/** Events per second that the consumer handles. */
export const CAPACITY = 100
export const SLOTS = 20
/** Small enough that the queue fills up within seconds. */
export const THRESHOLDS = { recovery: 50, warning: 150, critical: 500, hardLimit: 5_000 }
export const BUDGETS_MS = [1_000, 3_000, 10_000] as const
export const MIX = [0.05, 0.55, 0.4] as const

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'step above the capacity and back',
    arrivals: surge, perSecond: 100, capacityChange: 1, client: 'jitter', subjects: ['static', 'smooth']
  },
  {
    name: 'capacity ÷ 5 and back',
    arrivals: constant, perSecond: 60, capacityChange: 5, client: 'jitter', subjects: ['static', 'adaptive']
  },
  {
    name: 'flash crowd that honours Retry-After',
    arrivals: flashCrowd, perSecond: 100, capacityChange: 1, client: 'exact', subjects: ['static', 'everything']
  }
]

/** The environment keys that make the service what a subject of the simulator is. */
export const KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'static': {},
  'adaptive': { BACKPRESSURE_THRESHOLDS: 'adaptive' },
  'smooth': { SHEDDING: 'smooth' },
  'sampling': { SAMPLING: 'low-and-normal' },
  'sampling-low': { SAMPLING: 'low' },
  'adaptive-smooth': { BACKPRESSURE_THRESHOLDS: 'adaptive', SHEDDING: 'smooth' },
  'everything': { BACKPRESSURE_THRESHOLDS: 'adaptive', SHEDDING: 'smooth', SAMPLING: 'low' }
}
