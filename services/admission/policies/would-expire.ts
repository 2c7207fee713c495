import type { Objection, PolicyModule } from '../policy.ts'

/**
 * The wait of a queue falls by at most a second in a second while the capacity stays, and the time left falls by exactly
 * that. So an event that comes too late now comes too late at any later time.
 */
const TOO_LATE: Objection = { kind: 'deadline', retry: 'never' }

/**
 * The event would still wait for a worker when its deadline passes, or that has passed already. Critical events are
 * refused only for the second, which no load is to blame for. An event of the service itself was answered before: a
 * worker counts it as expired.
 */
const wouldExpire: PolicyModule = {
  rank: 22,
  kind: 'deadline',
  create: ({ now }) => ({
    judge: ({ expiresAt, priorityClass, isInternal }, { signals: { waits, isDepthKnown, depth }, depth: depthNow }) => {
      if (expiresAt === undefined || isInternal) return undefined
      const leftMs = expiresAt - now()
      if (leftMs <= 0) return TOO_LATE
      if (waits === undefined || !isDepthKnown || priorityClass === 'critical') return undefined
      const { ms, msPerEvent } = waits[priorityClass]
      return ms + (depthNow - depth) * msPerEvent > leftMs ? TOO_LATE : undefined
    }
  })
}

export default wouldExpire
