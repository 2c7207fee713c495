import { productionGate } from '../production-gate.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'
import type { SubjectModule } from '../subject.ts'

/** Production with `FAIRNESS=on`: organizations above their fair shares give way before others. */
const fair: SubjectModule = {
  parameters: { scale: SCALE },
  create: (context) => productionGate(scaledThresholds(context), { fairness: 'on' })
}

export default fair
