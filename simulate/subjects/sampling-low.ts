import { productionGate } from '../production-gate.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'
import type { SubjectModule } from '../subject.ts'

/** Production with `SAMPLING=low`: a sample of low is kept while the queue fills up. */
const samplingLow: SubjectModule = {
  parameters: { scale: SCALE },
  create: (context) => productionGate(scaledThresholds(context), { sampling: 'low' })
}

export default samplingLow
