import t from 'tap'
import { PRIORITY_CLASSES, priorityClass } from '../../../services/admission/priority-class.ts'

t.test('critical is 1, normal 2 to 5, low 6 to 10', async (t) => {
  const classes = Array.from({ length: 10 }, (_, index) => priorityClass(index + 1))
  t.strictSame(classes, ['critical', 'normal', 'normal', 'normal', 'normal', 'low', 'low', 'low', 'low', 'low'])
})

t.test('the classes are listed most protected first', async (t) => {
  t.strictSame(PRIORITY_CLASSES, ['critical', 'normal', 'low'])
})
