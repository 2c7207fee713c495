import t from 'tap'
import { Recovery } from '../../../prove/watch/recovery.ts'

t.test('has recovered when each API has acknowledged both classes and an event has come through', async (t) => {
  const recovery = new Recovery(1_000, 2)
  for (const api of ['a', 'b']) recovery.acknowledge(1, 1, false, api, 1_100)
  recovery.acknowledge(2, 5, false, 'a', 1_200)
  recovery.handle(2, 1_250)
  t.equal(recovery.tookMs, undefined, 'one of them has not taken a normal event')
  recovery.acknowledge(3, 2, false, 'b', 1_300)
  t.equal(recovery.tookMs, 300)
  recovery.handle(1, 1_400)
  t.equal(recovery.tookMs, 300, 'only the first time counts')
})

t.test('is not taken in by what was acknowledged before, nor by low events', async (t) => {
  const recovery = new Recovery(0, 1)
  recovery.handle(0, 5)
  recovery.acknowledge(1, 1, true, 'a', 10)
  recovery.acknowledge(2, 6, true, 'a', 20)
  t.equal(recovery.tookMs, undefined)
  recovery.acknowledge(3, 2, false, 'a', 30)
  t.equal(recovery.tookMs, 30)
})
