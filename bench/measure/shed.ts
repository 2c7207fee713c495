import type { LoadRequest } from '../load/request.ts'
import type { Case } from '../scenario.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { closedLoop } from './closed-loop.ts'
import { openCircuit, TINY } from './open-circuit.ts'
import { sampleOf } from './sample.ts'

/** Spillway with an open circuit, which refuses every one of the requests. */
export function shedBySpillway (requests: readonly LoadRequest[]): Case {
  return {
    subject: spillway({ keys: TINY }),
    measure: async (stage) => {
      await openCircuit(stage)
      return sampleOf(await closedLoop(stage, { requests }), 'answer')
    }
  }
}

/** The same answer to the same requests by bare node:http. */
export function refusedByBareHttp (requests: readonly LoadRequest[]): Case {
  return { subject: peer('bare-http', { storesNothing: true }), measure: async (stage) => sampleOf(await closedLoop(stage, { requests }), 'answer') }
}
