import t from 'tap'
import bodiesInFlight from '../../../../services/admission/policies/bodies-in-flight.ts'
import { PRIORITY_CLASSES } from '../../../../services/admission/priority-class.ts'
import { loadAt, objectionTo, refuses } from '../load.ts'

const refused = (bodyShare: number) =>
  PRIORITY_CLASSES.filter((priorityClass) => refuses(bodiesInFlight, loadAt(0, {}, false, bodyShare), priorityClass))

t.test('low gives way first, critical last', async (t) => {
  const table: [bodyShare: number, refused: string[]][] = [
    [0, []], [0.5, []], [0.51, ['low']], [0.75, ['low']], [0.76, ['normal', 'low']], [1, ['normal', 'low']],
    [1.01, ['critical', 'normal', 'low']]
  ]
  for (const [bodyShare, classes] of table) t.strictSame(refused(bodyShare), classes, `${bodyShare} of the budget`)
})

t.test('the depth is not the reason, so no excess has to drain', async (t) => {
  t.strictSame(objectionTo(bodiesInFlight, loadAt(700, {}, false, 2), 'low'), { kind: 'load', retry: { afterMs: 0 } })
})
