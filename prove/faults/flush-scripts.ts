import type { Fault } from '../fault.ts'

export default {
  description: 'an operator runs SCRIPT FLUSH: Redis forgets all scripts',
  targets: ['redis', 'way'], risk: 'none', lastsMs: [100, 500],
  inject: async ({ redis }) => { await redis.command('SCRIPT FLUSH') },
  end: () => {}
} satisfies Fault
