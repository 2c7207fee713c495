import type { Fault } from '../fault.ts'

export default {
  description:
    'the consumer answers 207: it takes some events of a call, asks for others again, and leaves some out of its ' +
    'answer',
  targets: ['consumer'], risk: 'none', lastsMs: [1_000, 4_000],
  inject: ({ consumer }) => { consumer.behave('partial') },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
