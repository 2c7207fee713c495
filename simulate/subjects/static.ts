import { productionGate } from '../production-gate.ts'
import type { SubjectModule } from '../subject.ts'

/** Production as it is by default: circuit and policies with the thresholds of the settings. */
const staticThresholds: SubjectModule = { create: (context) => productionGate(context) }

export default staticThresholds
