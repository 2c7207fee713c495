import t from 'tap'
import { QUEUE_HEALTHS, queueHealth, type QueueHealth } from '../../../services/admission/thresholds.ts'
import { THRESHOLDS } from './load.ts'

t.test('a grade begins at its threshold', async (t) => {
  const table: [depth: number, health: QueueHealth][] = [
    [0, 'healthy'],
    [49, 'healthy'],
    [50, 'degraded'],
    [99, 'degraded'],
    [100, 'warning'],
    [499, 'warning'],
    [500, 'critical'],
    [1_000_000, 'critical']
  ]
  for (const [depth, health] of table) t.equal(queueHealth(depth, THRESHOLDS), health, `${depth} is ${health}`)
})

t.test('the order of the grades is the value of the metric', async (t) => {
  t.strictSame(QUEUE_HEALTHS, ['healthy', 'degraded', 'warning', 'critical', 'unknown'])
})
