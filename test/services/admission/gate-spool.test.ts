import t from 'tap'
import { headOffer } from '../../../services/admission/offer.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import { startGate, THRESHOLDS } from './setup.ts'
import { admit, outcome } from './answers.ts'

t.test('events that the queue cannot take are spooled if their class is, and no others', async (t) => {
  const spool = { classes: new Set<PriorityClass>(['critical', 'low']), canWrite: true }
  const { gate, observe, counted } = await startGate({ spool })
  const routes = () => [1, 5, 9].map((priority) => outcome(admit(gate, priority)))
  const early = () => [1, 5, 9].map((priority) => outcome(gate.refuseUnread(headOffer(priority))))
  t.strictSame(routes(), ['spool', 'queue-unavailable', 'spool'], 'while the depth is unknown')
  t.strictSame(early(), ['admitted', 'queue-unavailable', 'admitted'], 'their bodies are read')
  t.strictSame(counted.filter(([what]) => what !== 'offered').slice(0, 3), [
    ['admitted', 'critical'], ['refused', 'normal', 'queue-unavailable', true], ['admitted', 'low']
  ])
  observe(0)
  t.strictSame(routes(), ['admitted', 'admitted', 'admitted'])
  observe(600)
  t.strictSame(routes(), ['admitted', 'circuit-open', 'circuit-open'], 'load is never put on disk')
  observe(THRESHOLDS.hardLimit)
  t.strictSame(routes(), ['spool', 'queue-full', 'spool'])
  const { depth } = gate
  admit(gate, 1)
  t.equal(gate.depth, depth, 'what is spooled is no part of the depth')
  spool.canWrite = false
  t.strictSame(routes(), ['queue-full', 'queue-full', 'queue-full'], 'a full spool takes nothing')
})

t.test('a producer may ask for the spool while the queue would take the event', async (t) => {
  const spool = { classes: new Set<PriorityClass>(['critical']), canWrite: true }
  const { gate, observe } = await startGate({ spool })
  t.equal(outcome(admit(gate, 5, true)), 'queue-unavailable', 'its room is for the classes that it is there for')
  observe(0)
  t.equal(outcome(admit(gate, 5, true)), 'spool')
  observe(600)
  t.equal(outcome(admit(gate, 5, true)), 'circuit-open')
  observe(0)
  spool.canWrite = false
  t.equal(outcome(admit(gate, 5, true)), 'spool-unavailable')
  t.equal(outcome(admit((await startGate()).gate, 1, true)), 'spool-unavailable', 'without a spool')
})

t.test('an event that its producer wants on a disk that cannot take it is offered and refused, and not admitted', async (t) => {
  const { gate, observe, counted } = await startGate()
  observe(0)
  t.match(admit(gate, 5, true), { kind: 'queue', reason: 'spool-unavailable', retryAfterSeconds: 1 })
  t.strictSame(counted, [['offered', 'normal'], ['refused', 'normal', 'spool-unavailable', true]])
  t.equal(gate.depth, 0)
})
