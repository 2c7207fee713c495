import t from 'tap'
import { Recovery } from '../../prove/recovery.ts'

t.test('has recovered when a critical and a normal event are acknowledged and an event has come through', async (t) => {
  const recovery = new Recovery(1_000)
  recovery.acknowledge(1, 1, false, 1_100)
  recovery.acknowledge(2, 5, false, 1_200)
  t.equal(recovery.tookMs, undefined)
  recovery.handle(0, 1_250)
  t.equal(recovery.tookMs, undefined, 'what was acknowledged before does not count')
  recovery.handle(2, 1_300)
  t.equal(recovery.tookMs, 300)
  recovery.handle(1, 1_400)
  t.equal(recovery.tookMs, 300, 'only the first time counts')
})

t.test('is not taken in by critical events alone, nor by low ones', async (t) => {
  const recovery = new Recovery(0)
  recovery.acknowledge(1, 1, true, 10)
  recovery.acknowledge(2, 6, true, 20)
  t.equal(recovery.tookMs, undefined)
  recovery.acknowledge(3, 2, false, 30)
  t.equal(recovery.tookMs, 30)
})
