import { productionGate } from '../production-gate.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'
import type { SubjectModule } from '../subject.ts'

/** Production with `SAMPLING=low-and-normal`: a sample of both is kept while the queue fills up. */
const sampling: SubjectModule = {
  parameters: { scale: SCALE },
  create: (context) => productionGate(scaledThresholds(context), { sampling: 'low-and-normal' })
}

export default sampling
