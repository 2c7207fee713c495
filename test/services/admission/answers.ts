import type { AdmissionGate } from '../../../services/admission/gate.ts'
import { eventOffer } from '../../../services/admission/offer.ts'
import { Permit } from '../../../services/admission/permit.ts'
import type { Refusal } from '../../../services/admission/refusal.ts'

export const admit = (gate: AdmissionGate, priority: number, wantsSpool = false, bytes = 0) =>
  gate.admit(eventOffer({ type: 'x', priority }, bytes), wantsSpool)

export function outcome (answer: Permit | Refusal | undefined): string {
  if (answer === undefined) return 'admitted'
  if (!(answer instanceof Permit)) return answer.reason
  return answer.route === 'spool' ? 'spool' : 'admitted'
}

/** The permit of an event that is admitted. */
export function permitOf (answer: Permit | Refusal): Permit {
  if (answer instanceof Permit) return answer
  throw new Error(`refused: ${answer.reason}`)
}
