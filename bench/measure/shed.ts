import type { LoadRequest } from '../../rig/load/request.ts'
import type { Case } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { closedLoop } from './closed-loop.ts'
import { openCircuit, TINY } from './open-circuit.ts'
import { sampleOf } from './sample.ts'

/** The requests that the subject refuses. */
export interface Refused {
  readonly requests: readonly LoadRequest[]
  /** Requests for the warm-up, so that the measured time contains the very first of `requests`; the same if absent. */
  readonly warmUp?: readonly LoadRequest[]
}

/** Measures Spillway with an open circuit, which refuses all requests. */
export function shedBySpillway (refused: Refused): Case {
  return {
    subject: spillway({ keys: TINY }),
    measure: async (stage) => {
      await openCircuit(stage)
      return measure(stage, refused)
    }
  }
}

/** Measures bare node:http with the same requests and answers. */
export function refusedByBareHttp (refused: Refused): Case {
  return { subject: peer('bare-http', { storesNothing: true }), measure: (stage) => measure(stage, refused) }
}

async function measure (stage: Stage, { requests, warmUp }: Refused) {
  if (warmUp !== undefined) await closedLoop(stage, { requests: warmUp })
  return sampleOf(await closedLoop(stage, { requests, isCold: warmUp !== undefined }), 'answer')
}
