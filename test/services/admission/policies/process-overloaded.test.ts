import t from 'tap'
import processOverloaded from '../../../../services/admission/policies/process-overloaded.ts'
import { PRIORITY_CLASSES, type PriorityClass } from '../../../../services/admission/priority-class.ts'
import { loadAt, objectionTo, refuses } from '../load.ts'

t.test('an overloaded process refuses all but critical', async (t) => {
  const table: [priorityClass: PriorityClass, refused: boolean][] = [['critical', false], ['normal', true], [
    'low',
    true
  ]]
  for (const [priorityClass, refused] of table)
    t.equal(refuses(processOverloaded, loadAt(0, {}, true), priorityClass), refused, priorityClass)
})

t.test('a process with room refuses nobody', async (t) => {
  for (const priorityClass of PRIORITY_CLASSES)
    t.equal(refuses(processOverloaded, loadAt(700), priorityClass), false, priorityClass)
})

t.test('the depth is not the reason, so no excess has to drain', async (t) => {
  for (const depth of [0, 700]) {
    t.strictSame(objectionTo(processOverloaded, loadAt(depth, {}, true), 'low'), {
      kind: 'load',
      retry: { afterMs: 0 }
    })
  }
})
