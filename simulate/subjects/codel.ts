import { HIGHEST_PRIORITY } from '../../services/admission/priority-class.ts'
import { peerRetryAfter, QueueView } from '../queue-view.ts'
import { ADMITTED, type SubjectModule } from '../subject.ts'

/**
 * CoDel (Nichols and Jacobson, 2012) with adaptive LIFO (Maurer, Fail at Scale, 2015). Once the oldest event has
 * waited for longer than the target during a whole interval, events are refused ever more often until that ends, and
 * workers take the newest first. CoDel drops what waits; a service that has answered 202 may not, so an arriving event
 * is refused in its place. Critical events are admitted, as Spillway promises.
 */
const codel: SubjectModule = {
  parameters: {
    targetMs: { low: 5, high: 300_000, initial: 5_000 },
    intervalMs: { low: 50, high: 60_000, initial: 1_000 }
  },
  create: ({ now, random, parameters }) => {
    const { targetMs, intervalMs } = parameters as Record<'targetMs' | 'intervalMs', number>
    const queue = new QueueView()
    let aboveSince: number | undefined
    let isDropping = false
    let dropped = 0
    let dropAt = 0
    return {
      offer: ({ priority }) => {
        if (!isDropping || priority === HIGHEST_PRIORITY || now() < dropAt) return ADMITTED
        dropAt += intervalMs / Math.sqrt(++dropped)
        return peerRetryAfter(random)
      },
      observe: (reading) => {
        queue.observe(reading, now())
        if (queue.oldestMs <= targetMs) {
          aboveSince = undefined
          isDropping = false
          return
        }
        aboveSince ??= now()
        if (isDropping || now() - aboveSince < intervalMs) return
        isDropping = true
        // A queue that was too long a moment ago goes on where it was.
        dropped = now() - dropAt < 8 * intervalMs ? Math.max(0, dropped - 2) : 0
        dropAt = now()
      },
      get isLifo () { return isDropping }
    }
  }
}

export default codel
