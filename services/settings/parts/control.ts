import { Type, type Static, type TLiteral, type TUnion } from '@sinclair/typebox'
import { PRIORITY_CLASSES } from '../../admission/priority-class.ts'
import { leastDelayBudgetMs } from '../../config/delay-budget.ts'
import { ConfigSchema } from '../../config/schema.ts'
import type { SettingsPart } from '../part.ts'
import { orderErrors } from '../value-order.ts'

const KEYS = ConfigSchema.properties

/** The choices of an environment key with its description; its value is the default of the setting. */
function choice<Choices extends TLiteral[]> ({ anyOf, description }: TUnion<Choices>): TUnion<Choices> {
  return Type.Union(anyOf, { description } as object) as unknown as TUnion<Choices>
}

function budget ({ minimum, maximum, description }: { minimum?: number, maximum?: number, description?: string }) {
  return Type.Integer({ minimum, maximum, description } as object)
}

const ControlSchema = Type.Object({
  thresholds: choice(KEYS.BACKPRESSURE_THRESHOLDS),
  budgetsMs: Type.Object({
    critical: budget(KEYS.DELAY_BUDGET_CRITICAL_MS),
    normal: budget(KEYS.DELAY_BUDGET_NORMAL_MS),
    low: budget(KEYS.DELAY_BUDGET_LOW_MS)
  }, { additionalProperties: false }),
  shedding: choice(KEYS.SHEDDING),
  sampling: choice(KEYS.SAMPLING),
  fairness: choice(KEYS.FAIRNESS),
  fairOrder: choice(KEYS.FAIR_ORDER),
  forecast: choice(KEYS.FORECAST)
}, { additionalProperties: false })

export type ControlSettings = Static<typeof ControlSchema>

const control: SettingsPart<typeof ControlSchema> = {
  schema: ControlSchema,
  defaults: (config) => ({
    thresholds: config.BACKPRESSURE_THRESHOLDS,
    budgetsMs: {
      critical: config.DELAY_BUDGET_CRITICAL_MS,
      normal: config.DELAY_BUDGET_NORMAL_MS,
      low: config.DELAY_BUDGET_LOW_MS
    },
    shedding: config.SHEDDING,
    sampling: config.SAMPLING,
    fairness: config.FAIRNESS,
    fairOrder: config.FAIR_ORDER,
    forecast: config.FORECAST
  }),
  // Configured budgets may be in any order: most of them are only shown.
  conflicts: ({ thresholds, budgetsMs }, isGiven, isValid, config) => {
    const disorder = orderErrors(
      PRIORITY_CLASSES.map((name) => ({ field: `budgetsMs.${name}`, name, value: budgetsMs[name] })), '≤', isValid
    ).filter(({ field }) => isGiven(field))
    const leastMs = leastDelayBudgetMs(config)
    const fields = ['thresholds', 'budgetsMs.normal']
    if (thresholds !== 'adaptive' || budgetsMs.normal >= leastMs || !fields.every(isValid)) return disorder
    const message = `Expected budgetsMs.normal (${budgetsMs.normal}) to be at least ${leastMs} with adaptive thresholds, ` +
      'which is ten times QUEUE_SAMPLE_INTERVAL_MS'
    return [...disorder, ...fields.filter(isGiven).map((field) => ({ field, message }))]
  }
}

export default control
