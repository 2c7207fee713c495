import type { Fault } from '../fault.ts'

export default {
  description: 'the consumer answers 500 to every call',
  targets: ['consumer'], risk: 'strikes', lastsMs: [500, 3_000],
  inject: ({ consumer }) => { consumer.behave('failing') },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
