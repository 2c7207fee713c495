import { BODY_SHARE } from '../body-share.ts'
import type { SheddingPolicy } from '../policy.ts'

/** The bodies that this process is receiving leave no room for another one: low gives way first, critical last. */
const bodiesInFlight: SheddingPolicy = {
  rank: 60,
  spools: false,
  refuses: ({ bodyShare }, priorityClass) => bodyShare > BODY_SHARE[priorityClass],
  // Bodies come and go within seconds, whatever the backlog is.
  readmitsAtDepth: () => undefined
}

export default bodiesInFlight
