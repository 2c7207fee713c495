import type { AdmissionGate } from '../admission/gate.ts'
import { CIRCUIT_STATES } from '../backpressure/circuit.ts'
import { oldestWaitingSeconds } from '../backpressure/oldest-waiting.ts'
import { sum, sumByClass } from '../backpressure/sum.ts'
import { workerCapacity } from '../backpressure/worker-capacity.ts'
import type { QueueReading } from '../queue/reading.ts'
import type { SignalPoint } from './series.ts'

/** What a point is made of, all of it in the memory of this process. */
export interface PointSource {
  readonly gate: Pick<AdmissionGate, 'signals'>
  readonly reading: QueueReading | undefined
  /** Events on local disk; undefined where nothing is put there. */
  readonly spooled: number | undefined
  readonly shed: Readonly<Record<string, number>>
}

const NOT_KNOWN = { critical: NaN, normal: NaN, low: NaN }

/** What is known now, as the point of this second of the epoch. A queue that cannot be read leaves what it told to be unknown. */
export function pointOf (second: number, { gate, reading, spooled, shed }: PointSource): SignalPoint {
  const { signals } = gate
  const known = signals.isDepthKnown ? reading : undefined
  const knownOnly = (value: number) => known === undefined ? NaN : value
  return {
    time: second,
    depth: known === undefined ? NOT_KNOWN : sumByClass(signals.depthByPriority),
    active: sum(known?.activeByPriority),
    delayed: sum(known?.delayedByPriority),
    arrivalRate: knownOnly(rounded(sum(signals.arrivalRateByPriority))),
    drainRate: knownOnly(rounded(signals.drainRate)),
    shed,
    workers: known?.workers.length ?? NaN,
    capacity: known === undefined ? NaN : workerCapacity(known.workers),
    oldestWaitingSeconds: known === undefined ? NaN : Math.max(0, ...Object.values(oldestWaitingSeconds(known.oldestWaitingMsByPriority)).map((age) => age ?? 0)),
    circuit: CIRCUIT_STATES.indexOf(signals.circuitState),
    spooled: spooled ?? NaN
  }
}

/** To a tenth: what is shown has no more digits, and all of them would be most of the text. */
export function rounded (value: number): number {
  return Math.round(value * 10) / 10
}
