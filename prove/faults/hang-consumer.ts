import type { Fault } from '../fault.ts'

export default {
  description: 'the consumer hangs: it holds calls and does not answer',
  targets: ['consumer'], risk: 'strikes', lastsMs: [1_000, 4_000],
  inject: ({ consumer }) => { consumer.behave('hanging') },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
