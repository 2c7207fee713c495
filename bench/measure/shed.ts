import type { LoadRequest } from '../../rig/load/request.ts'
import type { Case } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { closedLoop } from './closed-loop.ts'
import { openCircuit, TINY } from './open-circuit.ts'
import { sampleOf } from './sample.ts'

/** The requests that are posted to be refused. */
export interface Refused {
  readonly requests: readonly LoadRequest[]
  /** Refused before the measured time begins, which then holds the very first of `requests`; absent: the same as `requests`. */
  readonly warmUp?: readonly LoadRequest[]
}

/** Spillway with an open circuit, which refuses every one of the requests. */
export function shedBySpillway (refused: Refused): Case {
  return {
    subject: spillway({ keys: TINY }),
    measure: async (stage) => {
      await openCircuit(stage)
      return measure(stage, refused)
    }
  }
}

/** The same answer to the same requests by bare node:http. */
export function refusedByBareHttp (refused: Refused): Case {
  return { subject: peer('bare-http', { storesNothing: true }), measure: (stage) => measure(stage, refused) }
}

async function measure (stage: Stage, { requests, warmUp }: Refused) {
  if (warmUp !== undefined) await closedLoop(stage, { requests: warmUp })
  return sampleOf(await closedLoop(stage, { requests, isCold: warmUp !== undefined }), 'answer')
}
