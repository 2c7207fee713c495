import { productionGate } from '../production-gate.ts'
import type { SubjectModule } from '../subject.ts'

/** Production with thresholds that follow the measured capacity. Nothing is tuned: it has to find out. */
const adaptive: SubjectModule = { create: (context) => productionGate(context, { thresholds: 'adaptive' }) }

export default adaptive
