import t from 'tap'
import type { CircuitState } from '../../../../services/admission/circuit.ts'
import queueBytes from '../../../../services/admission/policies/queue-bytes.ts'
import queueFull from '../../../../services/admission/policies/queue-full.ts'
import { PRIORITY_CLASSES } from '../../../../services/admission/priority-class.ts'
import type { Load } from '../../../../services/admission/signals.ts'
import { loadAt, readmitsBelow, refuses } from '../load.ts'

const BYTES = { recovery: 900, warning: 950, critical: 1_000, hardLimit: 1_300 }

function loadWith (bytes: number, state: CircuitState = 'CLOSED', depth = 10, restBytes = 0): Load {
  return loadAt(depth, {
    circuits: { depth: 'CLOSED', bytes: state },
    memory: { usedBytes: bytes, capacityBytes: 1_400, thresholds: BYTES, restBytes }
  })
}

const refused = (load: Load) => PRIORITY_CLASSES.filter((name) => refuses(queueBytes, load, name))

t.test('refuses low, then normal, and never critical, as bytes grow', async (t) => {
  const table: [bytes: number, state: CircuitState, refused: string[]][] = [
    [799, 'CLOSED', []],
    [800, 'CLOSED', ['low']],
    [999, 'CLOSED', ['low']],
    [1_000, 'CLOSED', ['normal', 'low']],
    [100, 'OPEN', ['normal', 'low']],
    [100, 'HALF_OPEN', ['low']],
    [949, 'HALF_OPEN', ['low']],
    [950, 'HALF_OPEN', ['normal', 'low']],
    [9_999, 'OPEN', ['normal', 'low']]
  ]
  for (const [bytes, state, expected] of table)
    t.strictSame(refused(loadWith(bytes, state)), expected, `${bytes} ${state}`)
})

t.test('has no opinion where nobody knows what Redis may hold', async (t) => {
  t.strictSame(refused(loadAt(10)), [])
})

t.test('waits for as many events of the queue as take the bytes that are too many', async (t) => {
  t.equal(readmitsBelow(queueBytes, loadWith(1_000, 'OPEN'), 'normal'), 9, '100 bytes are one of ten events')
  t.equal(readmitsBelow(queueBytes, loadWith(1_000, 'OPEN'), 'low'), 8, 'low comes back when it closes, at 810')
  t.equal(
    readmitsBelow(queueBytes, loadWith(1_000, 'OPEN', 10, 800), 'normal'),
    5,
    'where other things take 800 an event takes 20'
  )
  t.equal(readmitsBelow(queueBytes, loadWith(1_000, 'OPEN', 0, 1_000), 'normal'), -Infinity, 'nothing drains that')
})

t.test('from the hard limit on the queue is full for every class', async (t) => {
  for (const name of PRIORITY_CLASSES) {
    t.equal(refuses(queueFull, loadWith(1_299, 'OPEN'), name), false, name)
    t.equal(refuses(queueFull, loadWith(1_300, 'OPEN'), name), true, name)
  }
  t.equal(readmitsBelow(queueFull, loadWith(1_300, 'OPEN'), 'critical'), 10)
  t.equal(readmitsBelow(queueFull, loadWith(1_300, 'OPEN'), 'normal'), 6)
})
