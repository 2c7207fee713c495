import type { AdmissionGate } from '../admission/gate.ts'
import { CIRCUIT_STATES } from '../admission/circuit.ts'
import { oldestWaitingSeconds } from '../admission/oldest-waiting.ts'
import { rounded } from '../admission/rate.ts'
import { sum, sumByClass } from '../admission/sum.ts'
import { workerCapacity } from '../scaling/worker-capacity.ts'
import type { QueueReading } from '../queue/reading.ts'
import type { SignalPoint } from './series.ts'

/** The sources of a point, all of them in the memory of this process. */
export interface PointSource {
  readonly gate: Pick<AdmissionGate, 'signals'>
  /** Undefined while the queue cannot be read. */
  readonly reading: QueueReading | undefined
  /** Events on local disk; undefined without a spool. */
  readonly spooled: number | undefined
  readonly shed: Readonly<Record<string, number>>
}

const NOT_KNOWN = { critical: NaN, normal: NaN, low: NaN }

/** Returns the figures of this second of the epoch; NaN while the queue cannot be read. */
export function pointOf (second: number, { gate, reading, spooled, shed }: PointSource): SignalPoint {
  const { signals } = gate
  const knownOnly = (value: number) => reading === undefined ? NaN : value
  return {
    time: second,
    depth: reading === undefined ? NOT_KNOWN : sumByClass(signals.depthByPriority),
    active: sum(reading?.activeByPriority),
    delayed: sum(reading?.delayedByPriority),
    arrivalRate: knownOnly(rounded(sum(signals.arrivalRateByPriority))),
    drainRate: knownOnly(rounded(signals.drainRate)),
    shed,
    workers: reading?.workers.length ?? NaN,
    capacity: reading === undefined ? NaN : workerCapacity(reading.workers),
    oldestWaitingSeconds:
      reading === undefined
        ? NaN
        : Math.max(0, ...Object.values(oldestWaitingSeconds(reading.oldestWaitingMsByPriority)).map((age) => age ?? 0)),
    circuit: knownOnly(CIRCUIT_STATES.indexOf(signals.circuitState)),
    spooled: spooled ?? NaN
  }
}
