import t from 'tap'
import { RestartPace } from '../../../services/clock/restart-pace.ts'

t.test('the first restart is immediate, the next ones double up to five seconds, and a sound run begins anew', (t) => {
  const pace = new RestartPace()
  const after = (...livedMs: number[]) => livedMs.map((ms) => pace.delayAfter(ms))
  t.strictSame(after(50, 50, 50, 50, 50, 50, 50, 50, 50), [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  t.strictSame(after(10_000), [5_000], 'ten seconds are not enough')
  t.strictSame(after(10_001, 50, 50), [0, 100, 200])
  t.end()
})
