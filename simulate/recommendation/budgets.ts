import { PRIORITY_CLASSES } from '../../services/admission/priority-class.ts'
import type { Figures } from '../measure/figures.ts'
import type { World } from '../world/world.ts'
import { fine, percent, type Advice } from './advice.ts'

/** Budgets that the thresholds cannot keep, raised to the wait that 99 of 100 events have. */
export function budgetAdvice ({ waitMs, shedShare }: Figures, { budgetsMs, settingsModel }: World): Advice {
  const classes = PRIORITY_CLASSES.map((name, index) => ({ name, p99: waitMs[name].p99, budgetMs: budgetsMs[index]! }))
  const raised = classes.filter(({ p99, budgetMs }) => p99 > budgetMs)
  const reasons = classes.map(({ name, p99, budgetMs }) =>
    `${name}: 99 of 100 wait at most ${fine(p99 / 1_000)} s, the budget is ${fine(budgetMs / 1_000)} s; ` +
    `${percent(shedShare[name])} of the offers are shed`)
  if (raised.length === 0) return { reasons }
  // A version in which operators can change budgets has them in the settings.
  if ('control' in settingsModel.schema.properties) {
    const budgets = raised.map(({ name, p99 }) => [name, roundedUp(p99)])
    return { reasons, patch: { control: { budgetsMs: Object.fromEntries(budgets) } } }
  }
  const keys = raised.map(({ name, p99 }) => [`DELAY_BUDGET_${name.toUpperCase()}_MS`, roundedUp(p99)])
  return { reasons, environment: Object.fromEntries(keys) }
}

/** Rounds up to two digits: 4,234 becomes 4,300. */
function roundedUp (value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / unit) * unit
}
