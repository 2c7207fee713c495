import { HIGHEST_PRIORITY } from '../../services/admission/priority-class.ts'
import { smoothRate } from '../../services/admission/rate.ts'
import { peerRetryAfter, QueueView } from '../queue-view.ts'
import { ADMITTED, type SubjectModule } from '../subject.ts'

const SMOOTHING = 0.2
const UPDATE_MS = 1_000

type Name = 'tolerance' | 'longHalfLifeMs' | 'leastLimit'

/**
 * Gradient2 of Netflix/concurrency-limits: the number of events in the service is limited, and the limit follows the
 * ratio of the long-term time in the service to the present one, with the square root of the limit as room for a
 * queue. The time in the service follows from depth and completions by Little's law. Critical events are admitted, as
 * Spillway promises.
 */
const gradient2: SubjectModule = {
  parameters: {
    tolerance: { low: 1, high: 10, initial: 1.5 },
    longHalfLifeMs: { low: 10_000, high: 3_600_000, initial: 600_000 },
    leastLimit: { low: 20, high: 20_000, initial: 20 }
  },
  create: ({ now, random, parameters }) => {
    const { tolerance, longHalfLifeMs, leastLimit } = parameters as Record<Name, number>
    const queue = new QueueView()
    let limit = leastLimit
    let longMs: number | undefined
    let updatedAt = 0
    let depth = 0
    return {
      offer: ({ priority }) => {
        if (priority !== HIGHEST_PRIORITY && depth >= limit) return peerRetryAfter(random)
        depth++
        return ADMITTED
      },
      observe: (reading) => {
        queue.observe(reading, now())
        depth = queue.depth
        const elapsedMs = now() - updatedAt
        if (elapsedMs < UPDATE_MS || queue.perSecond === 0 || depth === 0) return
        updatedAt = now()
        const presentMs = depth * 1_000 / queue.perSecond
        longMs = smoothRate(longMs, presentMs, elapsedMs, longHalfLifeMs)
        // After a long overload the long-term time would take as long to come down.
        if (longMs / presentMs > 2) longMs *= 0.95
        // A service that is not asked for half of its limit says nothing about it.
        if (depth < limit / 2) return
        const gradient = Math.max(0.5, Math.min(1, tolerance * longMs / presentMs))
        const next = limit * gradient + Math.sqrt(limit)
        limit = Math.max(leastLimit, limit * (1 - SMOOTHING) + next * SMOOTHING)
      }
    }
  }
}

export default gradient2
