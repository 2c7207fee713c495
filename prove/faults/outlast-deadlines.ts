import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

/** Until then the calls that wait for an answer take all slots of the workers. */
const FILLING_MS = 500
const EVENTS = 400

export default {
  description: 'the consumer hangs for longer than some events may wait: their deadlines pass in the queue, and they expire',
  targets: ['consumer', 'worker', 'load'],
  risk: 'strikes',
  lastsMs: [4_000, 6_000],
  inject: async ({ consumer, flood }) => {
    consumer.behave('hanging')
    await wait(FILLING_MS)
    flood(EVENTS, 'short-lived')
  },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
