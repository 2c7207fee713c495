import t from 'tap'
import type { AdmissionSettings } from '../../../services/admission/admission-state.ts'
import type { AdmissionMode } from '../../../services/admission/mode.ts'
import { headOffer } from '../../../services/admission/offer.ts'
import { startGate, THRESHOLDS } from './setup.ts'
import { admit, outcome } from './answers.ts'

t.test('a replica joins the circuit of the others, whenever it starts', async (t) => {
  const table: [control: Record<string, string>, state: string][] = [
    [{}, 'CLOSED'],
    [{ circuit: 'OPEN' }, 'OPEN'],
    [{ circuit: 'HALF_OPEN' }, 'HALF_OPEN'],
    [{ circuit: 'AJAR' }, 'CLOSED'],
    [{ circuit: 'OPEN', resets: '4' }, 'OPEN']
  ]
  for (const [control, state] of table) {
    const { gate, observe, resets } = await startGate()
    observe(60, { control })
    t.equal(gate.signals.circuitState, state, JSON.stringify(control))
    t.equal(resets.count, 0, 'resets of the past are no resets')
  }
  const { gate, observe } = await startGate()
  observe(60, { control: { circuit: 'CLOSED' } })
  observe(60, { control: { circuit: 'OPEN', 'circuit-epoch': '1' } })
  t.equal(gate.signals.circuitState, 'OPEN', 'one that runs follows, too')
  observe(20, { control: { circuit: 'HALF_OPEN', 'circuit-epoch': '2' } })
  t.equal(gate.signals.circuitState, 'HALF_OPEN', 'and takes no further step at once')
  observe(20, { control: { circuit: 'HALF_OPEN', 'circuit-epoch': '2' } })
  t.equal(gate.signals.circuitState, 'CLOSED')
})

const MEMORY = { usedBytes: 700, maxBytes: 1_000, machineBytes: 0 }

t.test('bytes open the circuit, are logged, and are the reason that is told', async (t) => {
  const { gate, observe, events, transitions } = await startGate()
  observe(10, { memory: { ...MEMORY, usedBytes: 600 } })
  t.equal(outcome(admit(gate, 5, false, 99)), 'admitted')
  t.equal(gate.bytes, 699)
  t.equal(outcome(admit(gate, 5, false, 99)), 'admitted')
  t.equal(outcome(admit(gate, 5)), 'queue-bytes', 'what was admitted here counts before a reading has it')
  t.equal(outcome(admit(gate, 1)), 'admitted')
  gate.inTransit.recordOut(3, 198)
  observe(10, { memory: MEMORY })
  t.equal(gate.bytes, 700)
  t.strictSame(transitions, ['OPEN'])
  t.ok(events().includes('queue-bytes-critical'))
})

t.test('a replica that starts joins the circuit of bytes too, unless a reset has closed it', async (t) => {
  const table: [control: Record<string, string>, circuits: object][] = [
    [{ circuit: 'OPEN', 'circuit-bytes': 'OPEN' }, { depth: 'CLOSED', bytes: 'OPEN' }],
    [{ circuit: 'OPEN', 'circuit-bytes': 'CLOSED' }, { depth: 'HALF_OPEN', bytes: 'CLOSED' }],
    [{ circuit: 'CLOSED', 'circuit-bytes': 'OPEN' }, { depth: 'CLOSED', bytes: 'CLOSED' }],
    [{ circuit: 'OPEN', 'circuit-bytes': 'nonsense' }, { depth: 'HALF_OPEN', bytes: 'CLOSED' }]
  ]
  for (const [control, circuits] of table) {
    const { gate, observe } = await startGate()
    observe(10, { control, memory: { ...MEMORY, usedBytes: 640 } })
    if (circuits === table[0]?.[1]) observe(10, { control, memory: { ...MEMORY, usedBytes: 640 } })
    t.match(gate.signals.circuits, circuits, JSON.stringify(control))
  }
})

t.test('a reset on one replica is followed by every other, once', async (t) => {
  const { gate, observe, resets, events } = await startGate()
  observe(500)
  admit(gate, 5)
  t.equal(gate.rejectedCount, 1)
  observe(60, { control: { resets: '1' } })
  t.equal(gate.signals.circuitState, 'CLOSED')
  t.equal(gate.rejectedCount, 0)
  t.equal(resets.count, 1)
  t.ok(events().includes('backpressure-reset'))
  for (let reading = 0; reading < 5; reading++) observe(60, { control: { resets: '1' } })
  t.equal(resets.count, 1)
  observe(60, { control: { resets: '2' } })
  t.equal(resets.count, 2)
  observe(500, { control: { resets: '2' } })
  t.equal(gate.signals.circuitState, 'OPEN', 'a depth that is still critical opens it again')
})

t.test('the mode that an operator set is in force on every replica, until it is put back', async (t) => {
  const { gate, observe } = await startGate({ mode: 'true' })
  const table: [settings: AdmissionSettings | undefined, mode: AdmissionMode, offered: string, early: string][] = [
    [undefined, 'true', 'circuit-open', 'circuit-open'],
    [{ mode: 'observe', thresholds: THRESHOLDS }, 'observe', 'admitted', 'admitted'],
    [undefined, 'observe', 'admitted', 'admitted'],
    [{ mode: 'false', thresholds: THRESHOLDS }, 'false', 'admitted', 'admitted'],
    [{ mode: 'true', thresholds: THRESHOLDS }, 'true', 'circuit-open', 'circuit-open']
  ]
  for (const [settings, mode, offered, early] of table) {
    observe(500, { settings })
    t.strictSame(
      [gate.mode, outcome(admit(gate, 5)), outcome(gate.refuseUnread(headOffer(5)))],
      [mode, offered, early],
      JSON.stringify(settings)
    )
  }
  observe(500, { settings: { mode: 'observe', thresholds: THRESHOLDS } })
  gate.lose(new Error('no answer'))
  t.equal(gate.mode, 'observe', 'it stays while the queue cannot be read')
  const { gate: later, observe: observeLater } = await startGate({ mode: 'false' })
  t.equal(later.mode, 'false')
  observeLater(500, { settings: { mode: 'true', thresholds: THRESHOLDS } })
  t.equal(later.mode, 'true', 'a replica that starts later follows as well')
})

t.test('thresholds that an operator set are in force with the next reading', async (t) => {
  const { gate, observe } = await startGate()
  const thresholds = { recovery: 10, warning: 20, critical: 40, hardLimit: 60 }
  observe(50)
  t.strictSame([gate.signals.circuitState, outcome(admit(gate, 5))], ['CLOSED', 'admitted'])
  observe(50, { settings: { mode: 'true', thresholds } })
  t.strictSame([gate.signals.circuitState, outcome(admit(gate, 5)), outcome(admit(gate, 1))], [
    'OPEN',
    'circuit-open',
    'admitted'
  ])
  observe(61)
  t.strictSame(
    [gate.signals.thresholds, outcome(admit(gate, 1))],
    [thresholds, 'queue-full'],
    'they stay until others come'
  )
  observe(61, { settings: { mode: 'true', thresholds: THRESHOLDS } })
  t.equal(outcome(admit(gate, 1)), 'admitted')
})
