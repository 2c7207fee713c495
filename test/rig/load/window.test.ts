import t from 'tap'
import { Window } from '../../../rig/load/window.ts'

t.test('tells answers apart, and the processes that were watched', async (t) => {
  const window = new Window({ server: process.pid })
  for (const [status, latencyMs] of [[202, 1], [200, 2], [503, 3], [429, 3], [404, 4], [500, 100]] as const)
    window.count(status, latencyMs)
  const { accepted, shed, other, failed, events, used, p50Ms } = window.close(100)
  t.strictSame({ accepted, shed, other, failed, events }, { accepted: 2, shed: 2, other: 2, failed: 0, events: 200 })
  t.strictSame(Object.keys(used), ['load', 'server'])
  t.ok(p50Ms >= 3 && p50Ms < 3.1)
})
