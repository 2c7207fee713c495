import t from 'tap'
import { table } from '../../rig/table.ts'

t.test('text to the left, numbers to the right, in thousands', async (t) => {
  t.equal(table(['fault', 'lost', 'max s'], [['kill-api', 0, '1.20'], ['(none)', 12_345, '-']]), [
    'fault       lost  max s',
    '--------  ------  -----',
    'kill-api       0   1.20',
    '(none)    12,345      -'
  ].join('\n'))
})
