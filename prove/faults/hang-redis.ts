import type { Fault } from '../fault.ts'

export default {
  description: 'Redis hangs: its connections stay open and no answer comes',
  targets: ['redis', 'way'], risk: 'throughout', lastsMs: [1_000, 4_000],
  inject: ({ redis }) => { redis.signal('SIGSTOP') },
  end: ({ redis }) => { redis.signal('SIGCONT') }
} satisfies Fault
