import t from 'tap'
import queueUnavailable from '../../../../services/admission/policies/queue-unavailable.ts'
import { PRIORITY_CLASSES, type PriorityClass } from '../../../../services/admission/priority-class.ts'
import { loadAt, objectionTo, refuses } from '../load.ts'

t.test('an unknown depth refuses all but critical, even if the last known one was zero', async (t) => {
  const table: [priorityClass: PriorityClass, refused: boolean][] = [['critical', false], ['normal', true], [
    'low',
    true
  ]]
  for (const [priorityClass, refused] of table) {
    t.equal(refuses(queueUnavailable, loadAt(0, { isDepthKnown: false }), priorityClass), refused, priorityClass)
  }
})

t.test('a known depth is none of its business', async (t) => {
  for (const priorityClass of PRIORITY_CLASSES)
    t.equal(refuses(queueUnavailable, loadAt(5_000), priorityClass), false, priorityClass)
})

t.test('the depth is not the reason: the wait grows with the absence, up to a bound', async (t) => {
  const table: [absentMs: number, afterMs: number][] = [
    [0, 0], [8_000, 4_000], [30_000, 15_000], [3_600_000, 15_000]
  ]
  for (const [absentMs, afterMs] of table) {
    for (const depth of [0, 700]) {
      const load = { ...loadAt(depth, { isDepthKnown: false }), absentMs }
      t.strictSame(objectionTo(queueUnavailable, load, 'normal'), { kind: 'queue', retry: { afterMs } })
    }
  }
})
