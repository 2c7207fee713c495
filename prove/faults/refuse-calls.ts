import type { Fault } from '../fault.ts'

export default {
  description: 'the consumer answers 4xx to every call, as in the middle of a deployment',
  targets: ['consumer'], risk: 'none', lastsMs: [300, 1_500],
  inject: ({ consumer }) => { consumer.behave('refusing') },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
