import { HIGHEST_PRIORITY } from '../../services/admission/priority-class.ts'
import { CLASS_COUNT, PRIORITIES } from '../classes.ts'
import { peerRetryAfter, QueueView } from '../queue-view.ts'
import { ADMITTED, type SubjectModule } from '../subject.ts'

const LEVELS_PER_CLASS = 100
const LEVELS = CLASS_COUNT * LEVELS_PER_CLASS
const REMEMBERED = 1_000
const UPDATE_MS = 250

/**
 * The prioritizer of failsafe-go. Between two lengths of the queue the share of events to refuse grows from none to
 * all; the quantile of the levels that were offered last turns the share into the level from which events are
 * admitted. Levels are random within a class. The queue is measured by the wait of a new event. Critical events are
 * admitted.
 */
const priorityQuantiles: SubjectModule = {
  parameters: {
    firstWaitMs: { low: 20, high: 300_000, initial: 10_000 },
    fullFactor: { low: 1.05, high: 10, initial: 1.5 }
  },
  create: ({ now, random, parameters }) => {
    const { firstWaitMs, fullFactor } = parameters as Record<'firstWaitMs' | 'fullFactor', number>
    const queue = new QueueView()
    const latest = new Int32Array(REMEMBERED).fill(-1)
    const counts = new Int32Array(LEVELS)
    let offered = 0
    let least = 0
    let updatedAt = 0
    const remember = (level: number) => {
      const place = offered++ % REMEMBERED
      const before = latest[place] as number
      if (before >= 0) counts[before]!--
      latest[place] = level
      counts[level]!++
    }
    const levelOf = (share: number) => {
      let left = share * Math.min(offered, REMEMBERED)
      let level = 0
      while (level < LEVELS && left >= (counts[level] as number)) left -= counts[level++] as number
      return level
    }
    return {
      offer: ({ priority }) => {
        const best = CLASS_COUNT - 1 - PRIORITIES.indexOf(priority)
        const level = best * LEVELS_PER_CLASS + Math.floor(random() * LEVELS_PER_CLASS)
        remember(level)
        return level >= least || priority === HIGHEST_PRIORITY ? ADMITTED : peerRetryAfter(random)
      },
      observe: (reading) => {
        queue.observe(reading, now())
        if (now() - updatedAt < UPDATE_MS) return
        updatedAt = now()
        const share = (queue.waitMs / firstWaitMs - 1) / (fullFactor - 1)
        least = share <= 0 ? 0 : levelOf(Math.min(1, share))
      }
    }
  }
}

export default priorityQuantiles
