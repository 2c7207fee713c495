import type { Fault } from '../fault.ts'
import { THRESHOLDS } from '../stage/stage.ts'

export default {
  description: 'the consumer hangs under a flood of normal events until the circuit has opened; it has to close again',
  targets: ['consumer', 'load', 'worker', 'redis', 'way', 'api'],
  risk: 'strikes',
  lastsMs: [2_500, 4_000],
  isAlone: true,
  inject: ({ consumer, flood }) => {
    consumer.behave('hanging')
    flood(THRESHOLDS.critical * 1.2, 'normal')
  },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
