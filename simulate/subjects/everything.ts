import { productionGate } from '../production-gate.ts'
import type { SubjectModule } from '../subject.ts'

/** Thresholds follow the measured capacity, and a share of low is left out as a sample before normal is refused smoothly. */
const everything: SubjectModule = {
  create: (context) => productionGate(context, { isAdaptive: true, isSmooth: true, sampling: 'low' })
}

export default everything
