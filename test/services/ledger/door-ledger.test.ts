import fc from 'fast-check'
import t from 'tap'
import { PRIORITY_CLASSES, type PriorityClass } from '../../../services/admission/priority-class.ts'
import { imbalance } from '../../../services/ledger/balance.ts'
import { DOOR_OUTCOMES, DoorLedger } from '../../../services/ledger/door-ledger.ts'

const NOTHING_PENDING = { critical: 0, normal: 0, low: 0 }

t.test('hands over by class what was counted since the last time', async (t) => {
  const door = new DoorLedger()
  for (const ledgerClass of ['critical', 'normal', 'low', 'unknown'] as const) door.receive(ledgerClass)
  door.settle('spooled', 'critical')
  door.settle('enqueued', 'normal')
  door.settle('shed', 'low')
  door.settle('invalid', 'unknown')
  t.strictSame(door.take(), {
    'door:spooled:critical': 1, 'door:enqueued:normal': 1, 'door:shed:low': 1, 'door:invalid:unknown': 1,
    'door:received:critical': 1, 'door:received:normal': 1, 'door:received:low': 1, 'door:received:unknown': 1
  })
  t.strictSame(door.take(), {})
})

t.test('hands over why events were refused, which is on no side of the balance', async (t) => {
  const door = new DoorLedger()
  for (const eventClass of ['low', 'low', 'normal'] as const) door.noteRefused('circuit-open', eventClass)
  door.noteRefused('queue-full', 'critical')
  const booked = door.take()
  t.strictSame(booked, { 'refused:circuit-open': 3, 'refused:queue-full': 1 })
  t.strictSame(imbalance(booked), { door: 0, queue: 0 })
  t.strictSame(door.take(), {})
  door.noteRefused('circuit-open', 'low')
  t.strictSame(door.take(), { 'refused:circuit-open': 1 })
  t.strictSame([...door.refused], [['circuit-open', { critical: 0, normal: 1, low: 3 }], ['queue-full', { critical: 1, normal: 0, low: 0 }]], 'what was handed over stays counted here')
})

t.test('an event that is forgotten or answered twice shows', async (t) => {
  const table: [claim: string, received: number, settled: number, pending: number, off: number][] = [
    ['all is well', 3, 3, 0, 0], ['one is under way', 3, 2, 1, 0], ['one is forgotten', 3, 2, 0, 1], ['one is answered twice', 3, 4, 0, 1]
  ]
  for (const [claim, received, settled, pending, off] of table) {
    const door = new DoorLedger()
    door.watch(() => ({ ...NOTHING_PENDING, normal: pending }))
    for (let event = 0; event < received; event++) door.receive('normal')
    for (let event = 0; event < settled; event++) door.settle('enqueued', 'normal')
    t.equal(imbalance(door.take()).door, off, claim)
  }
})

t.test('balances at any moment, wherever the events are', async (t) => {
  const step = fc.record({ kind: fc.constantFrom('receive', 'settle', 'refuse', 'take'), priorityClass: fc.constantFrom(...PRIORITY_CLASSES), outcome: fc.constantFrom(...DOOR_OUTCOMES) })
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const pending: PriorityClass[] = []
    const door = new DoorLedger()
    door.watch(() => ({
      critical: pending.filter((name) => name === 'critical').length,
      normal: pending.filter((name) => name === 'normal').length,
      low: pending.filter((name) => name === 'low').length
    }))
    const booked: Record<string, number> = {}
    for (const { kind, priorityClass, outcome } of steps) {
      if (kind === 'receive') {
        door.receive(priorityClass)
        pending.push(priorityClass)
      } else if (kind === 'settle') {
        const settled = pending.shift()
        if (settled !== undefined) door.settle(outcome, settled)
      } else if (kind === 'refuse') {
        door.noteRefused(outcome, 'normal')
      } else {
        for (const [field, amount] of Object.entries(door.take())) booked[field] = (booked[field] ?? 0) + amount
        if (imbalance(booked).door !== 0) return false
      }
    }
    return true
  })))
})
