import { stream } from '../measure/stream.ts'
import type { Case, Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { EVENT_BYTES } from '../traffic/event.ts'
import { arrayPosts, BATCH_EVENTS } from '../traffic/post.ts'

const STREAM_EVENTS = 100_000
const MOST_BYTES_PER_EVENT = 350

/** Measures the memory of Redis per event that `load` stores, as counted in the answers. */
async function memory ({ redis }: Stage, load: () => Promise<number>) {
  if (redis === undefined) throw new Error('there is no Redis')
  const before = await redis.usedMemory()
  const events = await load()
  return { events, redisBytesPerEvent: (await redis.usedMemory() - before) / events }
}

const spillwayCase: Case = {
  subject: spillway(),
  measure: (stage) =>
    memory(stage, async () => (await stream(stage, { events: STREAM_EVENTS, warmUpEvents: 0 })).events)
}

/** One connection and no warm-up, so that at most one stored request is not counted. */
const peerCase: Case = {
  subject: peer('job-per-event'),
  measure: (stage) =>
    memory(stage, async () =>
      (await stage.load({
        kind: 'closed',
        requests: arrayPosts(),
        eventsPerRequest: BATCH_EVENTS,
        connections: 1,
        warmUpMs: 0,
        measuredMs: stage.seconds * 1_000
      })).events)
}

export default {
  title: `memory of Redis for each waiting event of ${EVENT_BYTES} bytes`,
  cases: { 'spillway': spillwayCase, 'job-per-event': peerCase },
  ratios: [
    {
      what: 'bytes of Redis per event at full batches',
      of: 'spillway',
      metric: 'redisBytesPerEvent',
      kind: 'value',
      bar: { atMost: MOST_BYTES_PER_EVENT }
    },
    {
      what: 'bytes of Redis per event, to a job per event',
      of: 'spillway',
      to: 'job-per-event',
      metric: 'redisBytesPerEvent'
    }
  ],
  quick: ['spillway']
} satisfies Scenario
