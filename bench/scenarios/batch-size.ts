import { sampleOf } from '../measure/sample.ts'
import { stream } from '../measure/stream.ts'
import type { Case, Scenario } from '../scenario.ts'
import { spillway } from '../subject/spillway.ts'

const SIZES = [16, 32, 64, 128, 256, 512] as const

const atSize = (events: number): Case => ({
  subject: spillway({ keys: { BATCH_MAX_EVENTS: String(events) }, hasWorker: true }),
  measure: async (stage) => sampleOf(await stream(stage, { drains: true }))
})

export default {
  title: 'one NDJSON stream, accepted and processed, with 16 to 512 events in a batch at most',
  grows: 'most events in a batch',
  cases: Object.fromEntries(SIZES.map((events) => [`spillway@${events}`, atSize(events)])),
  ratios: [16, 512].flatMap((events) => [
    {
      what: `processed per second in batches of ${events}, to those of 128`,
      of: `spillway@${events}`,
      to: 'spillway@128',
      metric: 'eventsPerSecond'
    },
    {
      what: `CPU of Redis per event in batches of ${events}, to those of 128`,
      of: `spillway@${events}`,
      to: 'spillway@128',
      metric: 'redisMicrosPerEvent'
    }
  ])
} satisfies Scenario
