import t from 'tap'
import { CrossingLog, type Crossing } from '../../../services/admission/crossing.ts'
import type { QueueHealth } from '../../../services/admission/thresholds.ts'

type Step = [at: number, health: QueueHealth, logged: Crossing | undefined]

const STORIES: Record<string, Step[]> = {
  'logs a level at once, then every 30 s while it lasts': [
    [0, 'degraded', undefined],
    [100, 'warning', 'warning'],
    [200, 'warning', undefined],
    [30_099, 'warning', undefined],
    [30_100, 'warning', 'warning'],
    [60_099, 'warning', undefined],
    [60_100, 'warning', 'warning']
  ],
  'logs critical although warning was logged a moment ago': [
    [0, 'warning', 'warning'],
    [100, 'critical', 'critical'],
    [200, 'critical', undefined],
    [30_100, 'critical', 'critical']
  ],
  'says nothing of healthy and degraded': [
    [0, 'healthy', undefined],
    [50_000, 'degraded', undefined]
  ],
  'stays quiet while the depth swings around a threshold': [
    [0, 'warning', 'warning'],
    [100, 'degraded', undefined],
    [200, 'warning', undefined],
    [300, 'healthy', undefined],
    [29_999, 'warning', undefined],
    [30_000, 'warning', 'warning']
  ],
  'falling from critical to warning is no news': [
    [0, 'critical', 'critical'],
    [100, 'warning', undefined],
    [200, 'critical', undefined],
    [300, 'warning', undefined],
    [30_000, 'warning', 'warning']
  ],
  'a fall that was not logged does not silence the next crossing': [
    [0, 'critical', 'critical'],
    [29_000, 'warning', undefined],
    [29_500, 'healthy', undefined],
    [58_000, 'warning', 'warning']
  ],
  'an unknown depth is no crossing and ends none': [
    [0, 'unknown', undefined],
    [100, 'warning', 'warning'],
    [200, 'unknown', undefined],
    [300, 'warning', undefined]
  ]
}

for (const [claim, steps] of Object.entries(STORIES)) {
  t.test(claim, async (t) => {
    const log = new CrossingLog()
    for (const [at, health, logged] of steps) t.equal(log.observe(health, at), logged, `${health} at ${at} ms`)
  })
}
