import type { Fault } from '../fault.ts'
import { pick } from '../../rig/random.ts'
import { STOP_DEADLINE_MS } from '../stage/stage.ts'

export default {
  description: 'an API is stopped in order, as for a deployment, and started again',
  targets: ['api'], risk: 'none', lastsMs: [100, 1_000],
  inject: ({ apis }, random) => pick(random, apis).stop(STOP_DEADLINE_MS),
  end: ({ apis }) => { for (const api of apis) api.start() }
} satisfies Fault
