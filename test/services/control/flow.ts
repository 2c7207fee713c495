import { nextCircuitState, type CircuitState } from '../../../services/admission/circuit.ts'
import { PRIORITY_CLASSES } from '../../../services/admission/priority-class.ts'
import { smoothRate } from '../../../services/admission/rate.ts'
import { lowShedDepth, type Thresholds } from '../../../services/admission/thresholds.ts'
import type { Capacity, WorkSample } from '../../../services/control/capacity.ts'
import type { Control, ControlReading } from '../../../services/control/control.ts'

export interface World {
  /** Events per second that come, by class. */
  offered: readonly [critical: number, normal: number, low: number]
  /** Events per second that workers complete, at this second. */
  capacityAt: (second: number) => number
  seconds: number
  operator: Thresholds
  capacity: Capacity
  control: Control
  /** Gets every sample and reading too, such as for another replica. */
  beside?: (work: WorkSample, reading: ControlReading, arrivalRateByPriority: number[]) => void
}

export interface Moment {
  second: number
  thresholds: Thresholds
  circuit: CircuitState
  /** Seconds that a normal event which is admitted now will wait at the present capacity. */
  normalWait: number
  isNormalAdmitted: boolean
}

const STEP = 0.1
const SLOTS = 20
/** A priority of each class. */
const PRIORITIES = [1, 5, 10] as const

/** A queue as a flow, served best class first, behind the circuit; one moment for each sample. */
export function flow ({ offered, capacityAt, seconds, operator, capacity, control, beside }: World): Moment[] {
  const queued = [0, 0, 0]
  const rates = [0, 0, 0]
  let [worked, arrived] = [0, 0]
  let circuit: CircuitState = 'CLOSED'
  let thresholds = operator
  const moments: Moment[] = []
  for (let step = 1; step <= seconds / STEP; step++) {
    const second = step * STEP
    const depth = queued.reduce((total, events) => total + events, 0)
    circuit = nextCircuitState(circuit, depth, thresholds)
    const isAdmitted = [
      true,
      circuit !== 'OPEN' && depth < (thresholds.hold ?? Infinity),
      circuit === 'CLOSED' && depth < lowShedDepth(thresholds)
    ]
    for (const index of PRIORITY_CLASSES.keys()) {
      const came = isAdmitted[index] ? offered[index]! * STEP : 0
      queued[index]! += came
      arrived += came
      rates[index] = smoothRate(rates[index], came / STEP, STEP * 1_000)
    }
    let left = capacityAt(second) * STEP
    for (const index of PRIORITY_CLASSES.keys()) {
      const done = Math.min(left, queued[index]!)
      queued[index]! -= done
      worked += done
      left -= done
    }
    const waiting = queued.reduce((total, events) => total + events, 0)
    const work: WorkSample = {
      at: second * 1_000, arrived, worked, completed: worked, waiting, inWork: 0, workers: 1, slots: SLOTS,
      takenSlots: left > 0 ? SLOTS * (1 - left / (capacityAt(second) * STEP)) : SLOTS, isPaused: false, isHeldUp: false
    }
    capacity.observe(work)
    const reading: ControlReading = {
      redisTimeMs: second * 1_000, depthByPriority: byPriority(queued), oldestWaitingMsByPriority: [],
      activeByPriority: [], control: {}
    }
    thresholds = control.observe(reading, byPriority(rates), operator)
    beside?.(work, reading, byPriority(rates))
    const normalWait = (queued[0]! + queued[1]!) / (capacityAt(second) - offered[0])
    moments.push({ second, thresholds, circuit, normalWait, isNormalAdmitted: isAdmitted[1]! })
  }
  return moments
}

function byPriority (values: number[]): number[] {
  return Array.from({ length: 11 }, (_, priority) => values[PRIORITIES.indexOf(priority as 1)] ?? 0)
}
