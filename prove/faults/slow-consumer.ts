import type { Fault } from '../fault.ts'

export default {
  description: 'the consumer is slow, so that a backlog stands and the order of the classes shows',
  targets: ['consumer', 'worker', 'redis', 'way', 'api', 'load'], risk: 'none', lastsMs: [7_000, 9_000], isAlone: true,
  inject: ({ consumer }) => { consumer.behave('slow') },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
