import type { Fault } from '../fault.ts'

export default {
  description: 'the consumer answers 429 or 503, with and without a Retry-After that can be read',
  targets: ['consumer'], risk: 'none', lastsMs: [500, 3_000],
  inject: ({ consumer }) => { consumer.behave('busy') },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
