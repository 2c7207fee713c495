import type { Fault } from '../fault.ts'

export default {
  description: 'the consumer answers late, some calls only after the caller has given up',
  targets: ['consumer'], risk: 'throughout', lastsMs: [1_500, 5_000],
  inject: ({ consumer }) => { consumer.behave('late') },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault
