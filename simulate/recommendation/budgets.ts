import { PRIORITY_CLASSES } from '../../services/admission/priority-class.ts'
import { ConfigSchema } from '../../services/config/schema.ts'
import type { Figures } from '../measure/figures.ts'
import type { World } from '../world/world.ts'
import { fine, percent, type Advice } from './advice.ts'

const LONGEST_MS = ConfigSchema.properties.DELAY_BUDGET_LOW_MS.maximum ?? Infinity

/** Budgets that the thresholds cannot keep, raised to the wait that 99 of 100 events have. */
export function budgetAdvice ({ waitMs, shedShare }: Figures, { budgetsMs }: World): Advice {
  const classes = PRIORITY_CLASSES.map((name, index) => ({ name, p99: waitMs[name].p99, budgetMs: budgetsMs[index]! }))
  const raised: Record<string, number> = {}
  // Operators may set no budget above that of a lower class, so one that is raised may raise those after it.
  let least = 0
  for (const { name, p99, budgetMs } of classes) {
    const isShort = p99 > budgetMs || (budgetMs < least && Object.keys(raised).length > 0)
    if (isShort) raised[name] = Math.max(least, Math.min(LONGEST_MS, roundedUp(Math.max(p99, budgetMs))))
    least = Math.max(least, raised[name] ?? budgetMs)
  }
  const reasons = classes.map(({ name, p99, budgetMs }) =>
    `${name}: 99 of 100 wait at most ${fine(p99 / 1_000)} s, the budget is ${fine(budgetMs / 1_000)} s; ` +
    `${percent(shedShare[name])} of the offers are shed`)
  return Object.keys(raised).length === 0 ? { reasons } : { reasons, patch: { control: { budgetsMs: raised } } }
}

/** Rounds up to two digits: 4,234 becomes 4,300. */
function roundedUp (value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / unit) * unit
}
