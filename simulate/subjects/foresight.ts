import { ADMITTED, type SubjectModule } from '../subject.ts'
import { CRITICAL, PRIORITIES } from '../classes.ts'

/** Slots end one by one, which the sums of work do not show: room for that. */
const MARGIN = 0.93

/**
 * A bound that no service can reach: it knows all arrivals, their service times and the capacity. It admits an event if
 * work on it will begin within the budget of its class, so that no work is wasted and no slot is idle without need. An
 * event that is too late now is later still when it comes back, so it is refused for good. While critical events alone
 * are more than workers can do it is no bound: it admits them all, as Spillway promises, and they are late.
 */
const foresight: SubjectModule = {
  create: ({ now, budgetsMs, foresight: look }) => {
    const future = look()
    return {
      offer: ({ priority }) => {
        const index = PRIORITIES.indexOf(priority)
        const budgetMs = (budgetsMs[index] as number) * MARGIN
        return index === CRITICAL || future.isServedWithin(budgetMs, index, now()) ? ADMITTED : Infinity
      },
      observe: () => {}
    }
  }
}

export default foresight
