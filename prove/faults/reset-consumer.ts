import type { Fault } from '../fault.ts'

export default {
  description: 'the connections to the consumer are closed once, idle ones and those of calls that it has taken',
  targets: ['consumer'], risk: 'strikes', lastsMs: [100, 500],
  inject: ({ consumer }) => { consumer.reset() },
  end: () => {}
} satisfies Fault
