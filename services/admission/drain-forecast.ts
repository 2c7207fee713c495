import { timeToDrainSeconds } from '../backpressure/time-to-drain.ts'
import type { AdmissionGate } from './gate.ts'

/** Seconds until the queue is empty if all goes on as it does, in the mode that is in force; null when it does not shrink or is not known. */
export function drainForecast (gate: AdmissionGate): number | null {
  return timeToDrainSeconds(gate.signals, (priority) => gate.mode !== 'true' || gate.refusalReason(priority) === undefined)
}
