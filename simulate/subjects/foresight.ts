import { priorityClass } from '../../services/admission/priority-class.ts'
import { ADMITTED, type SubjectModule } from '../subject.ts'

const CLASSES = ['critical', 'normal', 'low']

/** Slots that end late and clients that come back are not foreseen: room for them. */
const MARGIN = 0.97
const LONGEST_MS = 120_000

/**
 * A bound that no service can reach: it knows all arrivals, their service times and the capacity. It admits an event if
 * work on it will begin within the budget of its class, so that no work is wasted and no slot is idle without need.
 */
const foresight: SubjectModule = {
  create: ({ now, budgetsMs, foresight: look }) => {
    const future = look()
    return {
      offer: ({ priority }) => {
        const index = CLASSES.indexOf(priorityClass(priority))
        if (index === 0) return ADMITTED
        const budgetMs = (budgetsMs[index] as number) * MARGIN
        const waitMs = future.waitMs(now(), index, budgetMs + LONGEST_MS)
        if (waitMs <= budgetMs) return ADMITTED
        return waitMs === Infinity ? LONGEST_MS / 1_000 : Math.max(1, Math.ceil((waitMs - budgetMs) / 1_000))
      },
      observe: () => {}
    }
  }
}

export default foresight
