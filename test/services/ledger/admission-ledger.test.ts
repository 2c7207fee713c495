import fc from 'fast-check'
import t from 'tap'
import { PRIORITY_CLASSES, type PriorityClass } from '../../../services/admission/priority-class.ts'
import { imbalance } from '../../booked.ts'
import { ADMISSION_OUTCOMES, AdmissionLedger } from '../../../services/ledger/admission-ledger.ts'

const NOTHING_PENDING = { critical: 0, normal: 0, low: 0 }

t.test('hands over by class what was counted since the last time', async (t) => {
  const admission = new AdmissionLedger()
  for (const ledgerClass of ['critical', 'normal', 'low', 'unknown'] as const) admission.receive(ledgerClass)
  admission.settle('spooled', 'critical')
  admission.settle('enqueued', 'normal')
  admission.settle('shed', 'low')
  admission.settle('invalid', 'unknown')
  t.strictSame(admission.take(), {
    'admission:spooled:critical': 1,
    'admission:enqueued:normal': 1,
    'admission:shed:low': 1,
    'admission:invalid:unknown': 1,
    'admission:received:critical': 1,
    'admission:received:normal': 1,
    'admission:received:low': 1,
    'admission:received:unknown': 1
  })
  t.strictSame(admission.take(), {})
})

t.test('hands over why events were refused, which is on no side of the balance', async (t) => {
  const admission = new AdmissionLedger()
  for (const eventClass of ['low', 'low', 'normal'] as const) admission.recordRefused('circuit-open', eventClass)
  admission.recordRefused('queue-full', 'critical')
  const booked = admission.take()
  t.strictSame(booked, { 'refused:circuit-open': 3, 'refused:queue-full': 1 })
  t.strictSame(imbalance(booked), { admission: 0, queue: 0 })
  t.strictSame(admission.take(), {})
  admission.recordRefused('circuit-open', 'low')
  t.strictSame(admission.take(), { 'refused:circuit-open': 1 })
  t.strictSame([...admission.refused], [['circuit-open', { critical: 0, normal: 1, low: 3 }], ['queue-full', {
    critical: 1,
    normal: 0,
    low: 0
  }]], 'what was handed over stays counted here')
})

t.test('an event that is forgotten or answered twice shows', async (t) => {
  const table: [claim: string, received: number, settled: number, pending: number, off: number][] = [
    ['all is well', 3, 3, 0, 0],
    ['one is in progress', 3, 2, 1, 0],
    ['one is forgotten', 3, 2, 0, 1],
    ['one is answered twice', 3, 4, 0, 1]
  ]
  for (const [claim, received, settled, pending, off] of table) {
    const admission = new AdmissionLedger()
    admission.watch(() => ({ ...NOTHING_PENDING, normal: pending }))
    for (let event = 0; event < received; event++) admission.receive('normal')
    for (let event = 0; event < settled; event++) admission.settle('enqueued', 'normal')
    t.equal(imbalance(admission.take()).admission, off, claim)
  }
})

t.test('balances at any moment, wherever the events are', async (t) => {
  const step = fc.record({
    kind: fc.constantFrom('receive', 'settle', 'refuse', 'take'),
    priorityClass: fc.constantFrom(...PRIORITY_CLASSES),
    outcome: fc.constantFrom(...ADMISSION_OUTCOMES)
  })
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pending: PriorityClass[] = []
      const admission = new AdmissionLedger()
      admission.watch(() => ({
        critical: pending.filter((name) => name === 'critical').length,
        normal: pending.filter((name) => name === 'normal').length,
        low: pending.filter((name) => name === 'low').length
      }))
      const booked: Record<string, number> = {}
      for (const { kind, priorityClass, outcome } of steps) {
        if (kind === 'receive') {
          admission.receive(priorityClass)
          pending.push(priorityClass)
        } else if (kind === 'settle') {
          const settled = pending.shift()
          if (settled !== undefined) admission.settle(outcome, settled)
        } else if (kind === 'refuse') {
          admission.recordRefused(outcome, 'normal')
        } else {
          for (const [field, amount] of Object.entries(admission.take())) booked[field] = (booked[field] ?? 0) + amount
          if (imbalance(booked).admission !== 0) return false
        }
      }
      return true
    }))
  )
})
