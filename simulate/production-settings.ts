import type { Capacity } from '../services/control/capacity.ts'
import type { Settings } from '../services/settings/settings.ts'
import { ActingForecast } from './acting-forecast.ts'
import type { ByClass } from './classes.ts'
import { productionGate } from './production-gate.ts'
import type { SubjectModule } from './subject.ts'

/** The delay budgets in force. */
export function budgetsOf ({ control: { budgetsMs: { critical, normal, low } } }: Settings): ByClass {
  return [critical, normal, low]
}

/** Production with the controllers of the settings. A forecast that acts starts without anything learned. */
export function productionWith ({ control: { thresholds, shedding, sampling, forecast } }: Settings): SubjectModule {
  const acting = forecast === 'act' ? { forecastOf: (capacity: Capacity) => new ActingForecast(capacity) } : {}
  return { create: (context) => productionGate(context, { thresholds, shedding, sampling, ...acting }) }
}
