import t from 'tap'
import queueFull from '../../../../services/admission/policies/queue-full.ts'
import { PRIORITY_CLASSES } from '../../../../services/admission/priority-class.ts'
import { loadAt, readmitsBelow, refuses } from '../load.ts'

t.test('refuses every class from the hard limit on', async (t) => {
  for (const priorityClass of PRIORITY_CLASSES) {
    t.equal(refuses(queueFull, loadAt(999), priorityClass), false, `${priorityClass} at 999`)
    t.equal(refuses(queueFull, loadAt(1_000), priorityClass), true, `${priorityClass} at 1000`)
  }
})

t.test('has no opinion on a depth that is not known', async (t) => {
  t.equal(refuses(queueFull, loadAt(5_000, { isDepthKnown: false }), 'critical'), false)
})

t.test('critical comes back below the limit, the others when the circuit lets them', async (t) => {
  t.equal(readmitsBelow(queueFull, loadAt(1_000), 'critical'), 1_000)
  t.equal(readmitsBelow(queueFull, loadAt(1_000), 'normal'), 50)
  t.equal(readmitsBelow(queueFull, loadAt(1_000), 'low'), 30)
})
