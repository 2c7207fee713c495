import t from 'tap'
import { pacedDepth, QUEUE_HEALTHS, queueHealth, type QueueHealth } from '../../../services/admission/thresholds.ts'
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

t.test('with a hold the warning is where low is shed, and streams are paced before that', async (t) => {
  const held = { ...THRESHOLDS, hold: 80 }
  for (const [depth, health] of [[31, 'healthy'], [32, 'degraded'], [63, 'degraded'], [64, 'warning']] as const) {
    t.equal(queueHealth(depth, held), health, `${depth} is ${health}`)
  }
  t.equal(pacedDepth(held), 40)
  t.equal(pacedDepth(THRESHOLDS), THRESHOLDS.warning)
})

t.test('the order of the grades is the value of the metric', async (t) => {
  t.strictSame(QUEUE_HEALTHS, ['healthy', 'degraded', 'warning', 'critical', 'unknown'])
})
