import t from 'tap'
import {
  CIRCUIT_STATES,
  nextCircuitState,
  reachedDepth,
  readmissionDepth,
  type CircuitState
} from '../../../services/admission/circuit.ts'
import { THRESHOLDS } from './load.ts'

t.test('each state moves at its thresholds and nowhere else', async (t) => {
  const table: [from: CircuitState, depth: number, to: CircuitState][] = [
    ['CLOSED', 0, 'CLOSED'],
    ['CLOSED', 100, 'CLOSED'],
    ['CLOSED', 499, 'CLOSED'],
    ['CLOSED', 500, 'OPEN'],
    ['CLOSED', 5_000, 'OPEN'],
    ['OPEN', 5_000, 'OPEN'],
    ['OPEN', 500, 'OPEN'],
    ['OPEN', 100, 'OPEN'],
    ['OPEN', 51, 'OPEN'],
    ['OPEN', 50, 'HALF_OPEN'],
    ['OPEN', 30, 'HALF_OPEN'],
    ['OPEN', 0, 'HALF_OPEN'],
    ['HALF_OPEN', 0, 'CLOSED'],
    ['HALF_OPEN', 30, 'CLOSED'],
    ['HALF_OPEN', 31, 'HALF_OPEN'],
    ['HALF_OPEN', 50, 'HALF_OPEN'],
    ['HALF_OPEN', 99, 'HALF_OPEN'],
    ['HALF_OPEN', 100, 'OPEN'],
    ['HALF_OPEN', 500, 'OPEN']
  ]
  for (const [from, depth, to] of table)
    t.equal(nextCircuitState(from, depth, THRESHOLDS), to, `${from} at ${depth} -> ${to}`)
})

t.test('a depth that was reached between two readings moves the circuit, if the reading is near it', async (t) => {
  const table: [state: CircuitState, depth: number, counted: number, reached: number][] = [
    ['CLOSED', 450, 499, 450],
    ['CLOSED', 450, 500, 500],
    ['CLOSED', 400, 620, 620],
    ['CLOSED', 399, 620, 399],
    ['CLOSED', 700, 620, 700],
    ['HALF_OPEN', 80, 100, 100],
    ['HALF_OPEN', 79, 100, 79],
    ['OPEN', 450, 620, 450]
  ]
  for (const [state, depth, counted, reached] of table)
    t.equal(reachedDepth(state, depth, counted, THRESHOLDS), reached, `${state}, ${counted} before ${depth}`)
})

t.test('the order of the states is the value of the metric', async (t) => {
  t.strictSame(CIRCUIT_STATES, ['CLOSED', 'HALF_OPEN', 'OPEN'])
})

t.test('a circuit on its way back admits normal when half-open and low when closed', async (t) => {
  t.equal(readmissionDepth(THRESHOLDS, 'normal'), 50)
  t.equal(nextCircuitState('OPEN', readmissionDepth(THRESHOLDS, 'normal'), THRESHOLDS), 'HALF_OPEN')
  t.equal(readmissionDepth(THRESHOLDS, 'low'), 30)
  t.equal(nextCircuitState('HALF_OPEN', readmissionDepth(THRESHOLDS, 'low'), THRESHOLDS), 'CLOSED')
})
