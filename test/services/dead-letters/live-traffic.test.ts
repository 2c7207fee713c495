import t from 'tap'
import { LiveTraffic } from '../../../services/dead-letters/live-traffic.ts'
import { byPriority } from '../queue/setup.ts'

t.test('live events count as coming until two seconds after the last one', async (t) => {
  const traffic = new LiveTraffic()
  const table: [enqueued: Record<number, number>, nowMs: number, isLive: boolean][] = [
    [{ 5: 100 }, 0, false],
    [{ 5: 100, 10: 50 }, 100, false],
    [{ 5: 101, 10: 50 }, 200, true],
    [{ 5: 101, 10: 90 }, 2_199, true],
    [{ 5: 101, 10: 90 }, 2_200, false]
  ]
  for (const [enqueued, nowMs, isLive] of table)
    t.equal(traffic.observe(byPriority(enqueued), nowMs), isLive, String(nowMs))
})
