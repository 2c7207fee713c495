import t from 'tap'
import type { CircuitState } from '../../../../services/admission/circuit.ts'
import circuitOpen from '../../../../services/admission/policies/circuit-open.ts'
import { loadAt, readmitsBelow, refuses } from '../load.ts'

t.test('refuses all but critical while the circuit is open, or would be with what was admitted since', async (t) => {
  const table: [circuitState: CircuitState, depth: number, refused: boolean][] = [
    ['OPEN', 0, true],
    ['OPEN', 700, true],
    ['CLOSED', 499, false],
    ['CLOSED', 500, true],
    ['HALF_OPEN', 99, false],
    ['HALF_OPEN', 100, true]
  ]
  for (const [circuitState, depth, refused] of table) {
    const load = loadAt(depth, { circuitState })
    t.equal(refuses(circuitOpen, load, 'normal'), refused, `normal, ${circuitState} at ${depth}`)
    t.equal(refuses(circuitOpen, load, 'low'), refused, `low, ${circuitState} at ${depth}`)
    t.equal(refuses(circuitOpen, load, 'critical'), false, `critical, ${circuitState} at ${depth}`)
  }
})

t.test('normal comes back at recovery, low only when the circuit has closed', async (t) => {
  t.equal(readmitsBelow(circuitOpen, loadAt(700), 'normal'), 50)
  t.equal(readmitsBelow(circuitOpen, loadAt(700), 'low'), 30)
})
