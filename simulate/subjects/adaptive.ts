import { Capacity } from '../../services/control/capacity.ts'
import { Control } from '../../services/control/control.ts'
import { productionGate } from '../production-gate.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'
import type { SubjectModule } from '../subject.ts'
import { workOf } from '../work-of.ts'

/** Production with thresholds that follow the measured capacity; those of the settings are bounds. */
const adaptive: SubjectModule = {
  parameters: { scale: SCALE },
  create: (unscaled) => {
    const context = scaledThresholds(unscaled)
    const [critical, normal, low] = context.budgetsMs
    const capacity = new Capacity()
    const control = new Control({
      capacity, isAdaptive: true, budgetMs: { critical, normal, low }, onUnderestimated: () => {}
    })
    return productionGate(context, {
      thresholdsOf: (reading, { arrivalRateByPriority }) => {
        capacity.observe(workOf(reading))
        return control.observe(reading, arrivalRateByPriority, context.settings.thresholds)
      }
    })
  }
}

export default adaptive
