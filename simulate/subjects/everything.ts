import { ActingForecast } from '../acting-forecast.ts'
import { productionGate } from '../production-gate.ts'
import type { SubjectModule } from '../subject.ts'

/**
 * Thresholds follow the measured capacity, a share of low is left out as a sample before normal is refused smoothly, and
 * a forecast acts ahead of a breach.
 */
const everything: SubjectModule = {
  create: (context) => productionGate(context, {
    thresholds: 'adaptive', shedding: 'smooth', sampling: 'low', forecastOf: (capacity) => new ActingForecast(capacity)
  })
}

export default everything
