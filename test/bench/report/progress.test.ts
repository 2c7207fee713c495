import t from 'tap'
import { progressLine } from '../../../bench/report/progress.ts'

t.test('a line names a sample and its first figure', async (t) => {
  t.equal(
    progressLine('single-posts', '1/5', 'spillway', { eventsPerSecond: 26_400.4, p50Ms: 2 }),
    'single-posts 1/5 spillway: 26,400 events/s'
  )
  t.equal(progressLine('single-posts', '1/5', 'spillway', {}), 'single-posts 1/5 spillway')
})
