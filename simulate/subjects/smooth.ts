import { productionGate } from '../production-gate.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'
import type { SubjectModule } from '../subject.ts'

/** Production with `SHEDDING=smooth`: a share of the load is refused instead of all of a class. */
const smooth: SubjectModule = {
  parameters: { scale: SCALE },
  create: (context) => productionGate(scaledThresholds(context), { shedding: 'smooth' })
}

export default smooth
