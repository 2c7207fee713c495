import t from 'tap'
import type { AdmissionMode } from '../../../services/admission/mode.ts'
import { eventOffer, internalOffer, type Offer } from '../../../services/admission/offer.ts'
import { Permit, type Settlement } from '../../../services/admission/permit.ts'
import type { NamedPolicy, Objection } from '../../../services/admission/policy.ts'
import { ALL_ENFORCED, PolicyChain, type Verdict } from '../../../services/admission/policy-chain.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import { REFUSAL_KINDS, type Refusal, type RefusalKind } from '../../../services/admission/refusal.ts'
import { loadAt } from './load.ts'
import { recordedPolicy, startGate, THRESHOLDS } from './setup.ts'

const NORMAL = eventOffer({ type: 'x', priority: 5 })
const CRITICAL = eventOffer({ type: 'x', priority: 1 })
const INTERNAL = eventOffer({ type: 'x', priority: 5 }, 0, true)
const objecting = (kind: RefusalKind): Objection => ({ kind, retry: { afterMs: 60_000 } })
const spool = { classes: new Set<PriorityClass>(['critical']), canWrite: true }

function permitOf (answer: Permit | Refusal): Permit {
  if (answer instanceof Permit) return answer
  throw new Error(`refused: ${answer.reason}`)
}

t.test('a permit is settled exactly once', async (t) => {
  const settled: [Offer, Settlement][] = []
  const permit = new Permit(NORMAL, 'queue', ({ offer }, settlement) => { settled.push([offer, settlement]) })
  t.strictSame([permit.offer, permit.route, settled], [NORMAL, 'queue', []])
  permit.settle('enqueued')
  for (const settlement of ['enqueued', 'lost'] as const) {
    t.throws(() => permit.settle(settlement), { message: `a permit was settled twice: ${settlement}` })
  }
  t.strictSame(settled, [[NORMAL, 'enqueued']], 'the second time counts nothing')
})

t.test('a permit whose counting fails counts as settled', async (t) => {
  const permit = new Permit(NORMAL, 'queue', () => { throw new Error('broken counter') })
  t.throws(() => permit.settle('enqueued'), { message: 'broken counter' })
  t.throws(() => permit.settle('enqueued'), { message: /twice/ })
})

t.test('each settlement reaches the counters and the policies once', async (t) => {
  const table: [settlement: Settlement, outcome: string, isCounted: boolean][] = [
    ['enqueued', 'stored', true], ['spooled', 'stored', true], ['duplicate', 'duplicate', true],
    ['invalid', 'duplicate', true], ['lost', 'lost', false]
  ]
  for (const [settlement, outcome, isCounted] of table) {
    const { policy, calls } = recordedPolicy()
    const { gate, observe, counted } = await startGate({ further: [policy] })
    observe(0)
    const permit = permitOf(gate.admit(NORMAL))
    t.strictSame([calls, permit.route], [['admitted'], 'queue'], 'the offer is charged when it is admitted')
    permit.settle(settlement)
    t.strictSame(calls, ['admitted', outcome], settlement)
    const expected = [
      ['offered', 'normal'],
      ['admitted', 'normal'],
      ...isCounted ? [['settled', 'normal', settlement]] : []
    ]
    t.strictSame(counted, expected, settlement)
    t.throws(() => permit.settle(settlement), { message: /twice/ })
    t.strictSame([calls.length, counted.length], [2, expected.length], `${settlement} twice`)
  }
})

t.test('an event that could not be stored is refunded and refused in one step', async (t) => {
  const { policy, calls } = recordedPolicy()
  const { gate, observe, counted } = await startGate({ further: [policy] })
  observe(0)
  const permit = permitOf(gate.admit(NORMAL))
  t.strictSame(gate.refuseUnstored(permit, 'queue-unavailable', true), {
    kind: 'queue', reason: 'queue-unavailable', retryAfterSeconds: 1, mayBeStored: true
  })
  t.strictSame(calls, ['admitted', 'lost'])
  t.strictSame(counted, [['offered', 'normal'], ['admitted', 'normal'], [
    'refused',
    'normal',
    'queue-unavailable',
    true
  ]])
  t.throws(() => gate.refuseUnstored(permit, 'queue-unavailable'), { message: /twice/ })
  t.equal(counted.length, 3, 'a permit that is lost twice is refused once')
})

t.test('an event that repeats another one is counted and charges nothing', async (t) => {
  for (const settlement of ['enqueued', 'duplicate', 'invalid', 'lost'] as const) {
    const { policy, calls } = recordedPolicy()
    const { gate, observe, counted } = await startGate({ further: [policy] })
    observe(0)
    const permit = gate.repeat(NORMAL)
    t.equal(permit.route, undefined)
    permit.settle(settlement)
    t.strictSame(calls, [], settlement)
    t.strictSame(counted, [['offered', 'normal'], ...settlement === 'lost' ? [] : [['settled', 'normal', settlement]]])
    t.equal(gate.depth, 0, 'it does not go into the queue')
    t.throws(() => permit.settle(settlement), { message: /twice/ })
  }
})

t.test('no quota and no permission binds an event of the service itself, and load does', async (t) => {
  for (const kind of REFUSAL_KINDS) {
    const { policy, calls } = recordedPolicy(objecting(kind))
    const { gate, observe } = await startGate({ further: [policy] })
    observe(0)
    const isAboutLoad = ['load', 'queue', 'deadline'].includes(kind)
    t.match(gate.admit(NORMAL), { kind, reason: 'recorded', retryAfterSeconds: 60 }, `${kind} refuses a producer`)
    t.equal(gate.admit(INTERNAL) instanceof Permit, !isAboutLoad, kind)
    t.equal(gate.refusalReason(5), isAboutLoad ? 'recorded' : undefined, kind)
    t.equal(gate.wouldAdmit(5), !isAboutLoad, kind)
    t.strictSame(calls, [], 'what is refused is not charged, and an internal event never')
  }
})

t.test('an event of the service itself is neither charged nor refunded', async (t) => {
  const { policy, calls } = recordedPolicy()
  const { gate, observe, counted } = await startGate({ further: [policy] })
  observe(0)
  for (const settlement of ['enqueued', 'duplicate', 'lost'] as const) permitOf(gate.admit(INTERNAL)).settle(settlement)
  t.strictSame(calls, [])
  t.equal(counted.filter(([what]) => what === 'offered').length, 3, 'it is counted as any other')
  t.equal(internalOffer(5).isInternal, true)
})

t.test('a queue that is away or full sends events to disk, where a quota still binds them', async (t) => {
  for (const depth of [undefined, THRESHOLDS.hardLimit]) {
    const { gate, observe } = await startGate({ spool })
    if (depth !== undefined) observe(depth)
    t.equal(permitOf(gate.admit(CRITICAL)).route, 'spool', `depth ${depth}`)
    t.match(gate.admit(NORMAL), { kind: 'queue' }, 'a class that is not spooled')
    for (const kind of ['quota', 'forbidden'] as const) {
      const { policy, calls } = recordedPolicy(objecting(kind))
      const { gate: bound, observe: observeBound, counted } = await startGate({ spool, further: [policy] })
      if (depth !== undefined) observeBound(depth)
      t.match(bound.admit(CRITICAL), { kind, reason: 'recorded' }, `${kind}, depth ${depth}`)
      t.strictSame(counted, [['offered', 'critical'], ['refused', 'critical', 'recorded', true]])
      t.strictSame(calls, [])
    }
  }
})

t.test('a spooled event is charged as any other', async (t) => {
  const { policy, calls } = recordedPolicy()
  const { gate, counted } = await startGate({ spool, further: [policy] })
  permitOf(gate.admit(CRITICAL)).settle('spooled')
  t.strictSame(calls, ['admitted', 'stored'])
  t.strictSame(counted, [['offered', 'critical'], ['admitted', 'critical'], ['settled', 'critical', 'spooled']])
})

t.test('a reset of admission forgets all charges, here and on every replica', async (t) => {
  const { policy, calls } = recordedPolicy()
  const { gate, observe } = await startGate({ further: [policy] })
  observe(0)
  gate.reset()
  t.strictSame(calls, ['reset'])
  observe(0, { control: { resets: '1' } })
  t.strictSame(calls, ['reset', 'reset'])
})

/** Policies that all object, each for its kind, in the order in which they are given. */
const chainOf = (...kinds: RefusalKind[]) => new PolicyChain(kinds.map((kind, rank): NamedPolicy =>
  ({ rank, kind, reason: `of-${kind}`, judge: () => objecting(kind) })))

t.test('each kind of refusal has its own mode', async (t) => {
  type Row = [
    kinds: RefusalKind[],
    modes: Partial<Record<RefusalKind, AdmissionMode>>,
    canSpool: boolean,
    verdict: string | undefined
  ]
  const table: Row[] = [
    [['load', 'quota'], {}, false, 'refuse of-load'],
    [['load', 'quota'], { quota: 'observe' }, false, 'refuse of-load'],
    [['quota', 'load'], { quota: 'observe' }, false, 'refuse of-load'],
    [['load', 'quota'], { load: 'observe' }, false, 'refuse of-quota'],
    [['quota', 'load'], { load: 'observe' }, false, 'refuse of-quota'],
    [['quota'], { quota: 'observe' }, false, 'observe of-quota'],
    [['load'], { load: 'observe' }, false, 'observe of-load'],
    [['load', 'quota'], { load: 'observe', quota: 'observe' }, false, 'observe of-load'],
    [['load', 'quota'], { load: 'false' }, false, 'refuse of-quota'],
    [['load', 'quota'], { quota: 'false' }, false, 'refuse of-load'],
    [['load', 'quota'], { load: 'false', quota: 'observe' }, false, 'observe of-quota'],
    [['load', 'quota'], { load: 'false', quota: 'false' }, false, undefined],
    [['forbidden', 'load'], { load: 'observe' }, false, 'refuse of-forbidden'],
    [['forbidden'], { forbidden: 'observe' }, false, 'observe of-forbidden'],
    [['queue'], {}, false, 'refuse of-queue'],
    [['queue'], {}, true, 'spool of-queue'],
    [['queue'], { queue: 'observe' }, true, 'spool of-queue'],
    [['queue'], { queue: 'false' }, true, undefined],
    [['queue', 'load'], {}, true, 'spool of-queue'],
    [['load', 'queue'], {}, true, 'refuse of-load'],
    [['load', 'queue'], { load: 'observe' }, true, 'spool of-queue'],
    [['queue', 'quota'], {}, true, 'refuse of-quota'],
    [['queue', 'quota'], { quota: 'false' }, true, 'spool of-queue'],
    [['queue', 'quota'], { queue: 'observe' }, true, 'refuse of-quota']
  ]
  for (const [kinds, modes, canSpool, expected] of table) {
    const verdict = chainOf(...kinds).judge(CRITICAL, loadAt(0), { ...ALL_ENFORCED, ...modes }, canSpool)
    const found = verdict && `${verdict.effect} ${verdict.reason}`
    t.equal(found, expected, JSON.stringify({ kinds, modes, canSpool }))
  }
})

t.test('each kind that is observed counts once, by its first objection', async (t) => {
  type Row = [
    kinds: RefusalKind[],
    modes: Partial<Record<RefusalKind, AdmissionMode>>,
    canSpool: boolean,
    observed: string[]
  ]
  const all = { load: 'observe', queue: 'observe', quota: 'observe', forbidden: 'observe' } as const
  const table: Row[] = [
    [['load', 'quota'], all, false, ['of-load', 'of-quota']],
    [['load', 'load', 'queue', 'quota', 'quota'], all, false, ['of-load', 'of-quota']],
    [['queue', 'quota'], { quota: 'observe' }, true, ['of-quota']],
    [['quota', 'queue'], { quota: 'observe' }, true, ['of-quota']],
    [['queue'], {}, true, []]
  ]
  for (const [kinds, modes, canSpool, expected] of table) {
    const verdict = chainOf(...kinds).judge(CRITICAL, loadAt(0), { ...ALL_ENFORCED, ...modes }, canSpool)
    const { effect, reason, observed = [] } = verdict as Verdict
    const found = [...effect === 'observe' ? [reason] : [], ...observed.map(({ reason }) => reason)]
    t.strictSame(found, expected, JSON.stringify({ kinds, modes, canSpool }))
  }
  const { gate, counted, observe } = await startGate({
    mode: 'observe',
    further: [recordedPolicy(objecting('load')).policy, recordedPolicy(objecting('load'), 'second').policy]
  })
  observe(0)
  gate.admit(NORMAL)
  t.equal(counted.filter(([what]) => what === 'refused').length, 1)
  t.equal(gate.rejectedCount, 1)
})

t.test('an operator who stops the shedding of load leaves quotas and permissions in force', async (t) => {
  for (const mode of ['observe', 'false'] as const) {
    for (const kind of ['quota', 'forbidden'] as const) {
      const { gate, observe } = await startGate({ mode, further: [recordedPolicy(objecting(kind)).policy] })
      observe(600)
      t.match(gate.admit(NORMAL), { kind, reason: 'recorded' }, `${mode}, ${kind}`)
    }
  }
})
