import type { Config } from '../services/config/schema.ts'
import type { ByClass as NamedByClass } from '../services/control/wait.ts'
import type { Settings } from '../services/settings/settings.ts'
import type { ByClass } from './classes.ts'
import { productionGate, type ProductionOptions } from './production-gate.ts'
import type { SubjectModule } from './subject.ts'

/** Modes and budgets of control, in a version in which operators can change them. */
interface ControlSettings {
  readonly thresholds?: Config['BACKPRESSURE_THRESHOLDS']
  readonly budgetsMs?: NamedByClass
}

const controlOf = (settings: Settings) => (settings.control ?? {}) as ControlSettings

/** The delay budgets in force: of the settings if they have any, else of the configuration. */
export function budgetsOf (settings: Settings, configuration: Config): ByClass {
  const { budgetsMs } = controlOf(settings)
  return [
    budgetsMs?.critical ?? configuration.DELAY_BUDGET_CRITICAL_MS,
    budgetsMs?.normal ?? configuration.DELAY_BUDGET_NORMAL_MS,
    budgetsMs?.low ?? configuration.DELAY_BUDGET_LOW_MS
  ]
}

/** Whether thresholds follow the measured capacity. */
export function areThresholdsAdaptive (settings: Settings, configuration: Config): boolean {
  return (controlOf(settings).thresholds ?? configuration.BACKPRESSURE_THRESHOLDS) === 'adaptive'
}

/** Production with the modes that the settings, or else the configuration, ask for. */
export function productionWith (settings: Settings, configuration: Config): SubjectModule {
  const options: ProductionOptions = { isAdaptive: areThresholdsAdaptive(settings, configuration) }
  return { create: (context) => productionGate(context, options) }
}
