import type { Fault } from '../fault.ts'
import { pick } from '../../rig/random.ts'

export default {
  description: 'an API is killed and started again',
  targets: ['api'], risk: 'none', lastsMs: [100, 1_500],
  inject: ({ apis }, random) => pick(random, apis).kill(),
  end: ({ apis }) => { for (const api of apis) api.start() }
} satisfies Fault
