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
  readonly shedding?: Config['SHEDDING']
  readonly sampling?: Config['SAMPLING']
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

/** The modes in force: of the settings if they have any, else of the configuration. */
export function modesOf (
  settings: Settings, configuration: Config
): Required<Pick<ProductionOptions, 'isAdaptive' | 'isSmooth' | 'sampling'>> {
  const {
    thresholds = configuration.BACKPRESSURE_THRESHOLDS,
    shedding = configuration.SHEDDING,
    sampling = configuration.SAMPLING
  } = controlOf(settings)
  return { isAdaptive: thresholds === 'adaptive', isSmooth: shedding === 'smooth', sampling }
}

/** Production with the modes in force. */
export function productionWith (settings: Settings, configuration: Config): SubjectModule {
  const modes = modesOf(settings, configuration)
  return { create: (context) => productionGate(context, modes) }
}
