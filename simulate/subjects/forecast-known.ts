import { ActingForecast } from '../acting-forecast.ts'
import { productionGate } from '../production-gate.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'
import type { SubjectModule } from '../subject.ts'

/** A bound for `forecast`: the same acts, by a forecast that knows the arrivals to come and is trusted from the start. */
const forecastKnown: SubjectModule = {
  parameters: { scale: SCALE },
  create: (context) => productionGate(scaledThresholds(context), {
    forecastOf: (capacity) => new ActingForecast(capacity, context.arrivals)
  })
}

export default forecastKnown
