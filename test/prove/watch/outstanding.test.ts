import t from 'tap'
import { Outstanding } from '../../../prove/watch/outstanding.ts'

t.test('remembers the most events of the last minute, those of unknown fate among them', async (t) => {
  const outstanding = new Outstanding()
  outstanding.recordUncertain(5, 500)
  outstanding.record(10, 1_000)
  outstanding.record(3, 1_500)
  t.equal(outstanding.most(2_000), 15)
  outstanding.record(1, 70_000)
  t.equal(outstanding.most(70_000), 1)
  t.equal(outstanding.most(200_000), 0)
})
