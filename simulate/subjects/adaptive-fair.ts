import { productionGate } from '../production-gate.ts'
import type { SubjectModule } from '../subject.ts'

/** Thresholds follow the measured capacity, and organizations above their fair shares give way before others. */
const adaptiveFair: SubjectModule = {
  create: (context) => productionGate(context, { thresholds: 'adaptive', fairness: 'on' })
}

export default adaptiveFair
