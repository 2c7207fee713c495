import { ActingForecast } from '../acting-forecast.ts'
import { productionGate } from '../production-gate.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'
import type { SubjectModule } from '../subject.ts'

/** Production with `FORECAST=act`: asks for workers and refuses a share of low ahead of a predicted breach. */
const forecast: SubjectModule = {
  parameters: { scale: SCALE },
  create: (context) => productionGate(scaledThresholds(context), {
    forecastOf: (capacity) => new ActingForecast(capacity)
  })
}

export default forecast
