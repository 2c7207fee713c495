import type { Fault } from '../fault.ts'
import { pick } from '../../rig/random.ts'

export default {
  description: 'an API stands still, and goes on as if nothing had been',
  targets: ['api'], risk: 'none', lastsMs: [500, 4_000],
  inject: ({ apis }, random) => { pick(random, apis).signal('SIGSTOP') },
  end: ({ apis }) => { for (const api of apis) api.signal('SIGCONT') }
} satisfies Fault
