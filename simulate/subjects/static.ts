import { productionGate } from '../production-gate.ts'
import type { SubjectModule } from '../subject.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'

/** Production as it is by default: circuit and policies with the thresholds of the settings, which tuning may scale. */
const staticThresholds: SubjectModule = {
  parameters: { scale: SCALE },
  create: (context) => productionGate(scaledThresholds(context))
}

export default staticThresholds
