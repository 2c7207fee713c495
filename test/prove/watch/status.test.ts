import t from 'tap'
import { samples } from '../../../prove/watch/status.ts'

t.test('reads a metric by its labels, and no other that begins alike', async (t) => {
  const page = [
    '# TYPE spillway_x gauge',
    'spillway_x{side="admission"} 0',
    'spillway_x{side="queue"} 3',
    'spillway_x_total 9',
    'spillway_y 1.5e3',
    ''
  ].join('\n')
  t.strictSame(samples(page, 'spillway_x'), new Map([['side="admission"', 0], ['side="queue"', 3]]))
  t.strictSame(samples(page, 'spillway_y'), new Map([['', 1_500]]))
  t.strictSame(samples(page, 'spillway_z'), new Map())
})
