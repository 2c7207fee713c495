import type { Fault } from '../fault.ts'

export default {
  description: 'the consumer closes its connections, those of calls that it has taken too',
  targets: ['consumer'], risk: 'strikes', lastsMs: [500, 3_000],
  inject: ({ consumer }) => { consumer.behave('cutting') },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
