import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer, pick } from '../../rig/random.ts'
import { CLOCK_SHIFTS_MS, shiftedClock } from '../stage/clock.ts'
import { STOP_DEADLINE_MS } from '../stage/stage.ts'

const LONGEST_OFF_MS = 3_000

export default {
  description: 'an API comes back with a wrong clock, an hour ahead or behind, and later with the right one',
  targets: ['api'], risk: 'none', lastsMs: [1_000, 3_000],
  inject: async ({ apis }, random) => {
    const api = pick(random, apis)
    await api.stop(STOP_DEADLINE_MS)
    api.start(shiftedClock(pick(random, CLOCK_SHIFTS_MS)))
    await wait(integer(random, 1_000, LONGEST_OFF_MS))
  },
  end: async ({ apis }) => {
    await Promise.all(apis.map((api) => api.stop(STOP_DEADLINE_MS)))
    for (const api of apis) api.start()
  }
} satisfies Fault
