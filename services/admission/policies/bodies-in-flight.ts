import { BODY_SHARE } from '../body-share.ts'
import type { Objection, PolicyModule } from '../policy.ts'

// Bodies come and go within seconds, whatever the backlog is.
const NO_ROOM: Objection = { kind: 'load', retry: { afterMs: 0 } }

/** The bodies that this process is receiving leave no room for another one: low gives way first, critical last. */
const bodiesInFlight: PolicyModule = {
  rank: 60,
  create: () => ({
    judge: ({ priorityClass }, { bodyShare }) => bodyShare > BODY_SHARE[priorityClass] ? NO_ROOM : undefined
  })
}

export default bodiesInFlight
