import t from 'tap'
import { sum } from '../../../services/admission/sum.ts'
import { runSubject } from '../../../simulate/run-subject.ts'
import type { Reading, SubjectModule } from '../../../simulate/subject.ts'
import { tinyWorld } from '../tiny-world.ts'

t.test('readings are in balance, and come at the sample interval', async (t) => {
  const readings: Reading[] = []
  const module: SubjectModule = { create: () => ({ offer: () => 0, observe: (reading) => { readings.push(reading) } }) }
  const world = await tinyWorld({ load: 1.5, failures: 0.5, stalls: [{ atMs: 20_000, forMs: 5_000 }] })
  runSubject({ world, module, parameters: {}, seed: 1 })
  t.ok(readings.length > 600)
  const off = readings.filter((reading, index) => {
    const depth = sum(reading.depthByPriority)
    const inWork = sum(reading.activeByPriority)
    const isBalanced =
      sum(reading.enqueuedByPriority) === depth + sum(reading.delayedByPriority) + reading.done + reading.dead
    const isWorkBalanced = sum(reading.arrivedByPriority) - reading.worked === depth
    const isTimely = Math.abs(reading.redisTimeMs - index * world.sampleIntervalMs) < 1e-6
    return !(isBalanced && isWorkBalanced && isTimely && inWork === reading.takenSlots &&
      reading.takenSlots <= reading.slots)
  })
  t.strictSame(off, [])
  t.ok(readings.at(-1)!.dead > 0)
  t.strictSame([readings[190]!.isHeldUp, readings[220]!.isHeldUp, readings[260]!.isHeldUp], [false, true, false])
  const [before, during] = [readings[200]!, readings[240]!].map((reading) => reading.oldestWaitingMsByPriority[1] ?? 0)
  t.ok(during! > before! + 3_000, 'the oldest event ages while nothing is taken')
})
