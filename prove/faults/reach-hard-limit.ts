import type { Fault } from '../fault.ts'
import { THRESHOLDS } from '../stage/stage.ts'

export default {
  description: 'the consumer hangs under a flood of critical events beyond the hard limit: those above it are spooled',
  targets: ['consumer', 'load', 'worker', 'redis', 'way', 'api', 'disk'],
  risk: 'strikes',
  lastsMs: [3_000, 5_000],
  isAlone: true,
  inject: ({ consumer, flood }) => {
    consumer.behave('hanging')
    flood(THRESHOLDS.hardLimit * 1.15, 'critical')
  },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
