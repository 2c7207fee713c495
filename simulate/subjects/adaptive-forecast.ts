import { ActingForecast } from '../acting-forecast.ts'
import { productionGate } from '../production-gate.ts'
import type { SubjectModule } from '../subject.ts'

/** Thresholds that follow the measured capacity, with a forecast that acts ahead of them. */
const adaptiveForecast: SubjectModule = {
  create: (context) => productionGate(context, {
    thresholds: 'adaptive', forecastOf: (capacity) => new ActingForecast(capacity)
  })
}

export default adaptiveForecast
