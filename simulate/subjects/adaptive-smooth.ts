import { productionGate } from '../production-gate.ts'
import type { SubjectModule } from '../subject.ts'

/** Thresholds follow the measured capacity, and a share of the load is refused. Nothing is tuned. */
const adaptiveSmooth: SubjectModule = {
  create: (context) => productionGate(context, { thresholds: 'adaptive', shedding: 'smooth' })
}

export default adaptiveSmooth
