import t from 'tap'
import type { QueuedEvent } from '../../../../services/event/event.ts'
import { applyRules } from '../../../../services/rules/apply-rules.ts'
import { compile, event, NOW, rule, startRun, startServices } from '../setup.ts'

/** Runs a rule with this emit for an event; returns the events it publishes, and the outcome. */
async function emit (parameters: Record<string, unknown>, source: QueuedEvent = event(), id = 'r') {
  const { services, published } = startServices()
  const rules = await compile(
    [rule({ id, actions: [{ emit: { type: 'alarm', payload: null, ...parameters } }] })],
    services
  )
  const outcome = await applyRules(rules, source, startRun().run)
  return { outcome, published, emitted: published[0] as QueuedEvent }
}

t.test('publishes an event of its own', async (t) => {
  const { outcome, emitted } = await emit({ payload: { hot: { var: 'payload.values.temperature' } } })
  t.strictSame(outcome, { status: 'done' })
  t.strictSame(emitted, {
    id: emitted.id,
    type: 'alarm',
    payload: { hot: 91.5 },
    priority: 5,
    occurredAt: '2026-03-01T12:00:00.000Z',
    receivedAt: NOW.toISOString(),
    hops: 1
  })
  t.match(emitted.id, /^[0-9a-f]{32}$/)
})

t.test('takes the priority it is given, else that of the type', async (t) => {
  t.equal((await emit({ priority: 9 })).emitted.priority, 9)
  t.equal((await emit({ type: 'critical-alarm' })).emitted.priority, 1)
  t.equal((await emit({})).emitted.priority, 5)
})

t.test('inherits the organization unless it is given one', async (t) => {
  const source = event({ organizationId: 'acme', payload: { org: 'other', bad: 5, cut: 'x\ud800' } })
  t.equal((await emit({}, source)).emitted.organizationId, 'acme')
  t.equal((await emit({ organizationId: 'fixed' }, source)).emitted.organizationId, 'fixed')
  t.equal((await emit({ organizationId: { var: 'payload.org' } }, source)).emitted.organizationId, 'other')
  for (const path of ['payload.bad', 'payload.absent', 'payload.cut']) {
    const { outcome, published } = await emit({ organizationId: { var: path } }, source)
    t.match(outcome, {
      status: 'retry',
      reason: 'r#0: emit failed: organizationId is not well-formed text of 1 to 256 characters'
    })
    t.equal(published.length, 0)
  }
})

t.test('does not raise what follows from an event above the ceiling of its key', async (t) => {
  const source = event({ organizationId: 'acme', ceiling: 5 })
  t.match((await emit({ priority: 1 }, source)).emitted, { priority: 5, ceiling: 5 })
  t.match((await emit({ type: 'critical-alarm' }, source)).emitted, { priority: 5 })
  t.match((await emit({ priority: 9 }, source)).emitted, { priority: 9, ceiling: 5 })
})

t.test('leaves the organization of a key to the rule, not to the payload', async (t) => {
  const source = event({ organizationId: 'acme', ceiling: 1, payload: { own: 'acme', org: 'other' } })
  t.equal((await emit({ organizationId: 'fixed' }, source)).emitted.organizationId, 'fixed')
  t.equal((await emit({ organizationId: { var: 'payload.own' } }, source)).emitted.organizationId, 'acme')
  const { outcome, published } = await emit({ organizationId: { var: 'payload.org' } }, source)
  t.match(outcome, { status: 'dead', reason: /emit refused: the payload names another organization/ })
  t.equal(published.length, 0)
})

t.test('gives the same action of the same event the same id, and any other another', async (t) => {
  const { emitted: { id } } = await emit({ payload: 1 })
  t.equal((await emit({ payload: 2 }, event({ attempt: 3 }))).emitted.id, id)
  const others = [
    await emit({}, event({ id: 'e2' })),
    await emit({}, event({ organizationId: 'acme' })),
    await emit({}, event(), 'r2')
  ]
  t.equal(new Set([id, ...others.map(({ emitted }) => emitted.id)]).size, 4)
  const { services, published } = startServices()
  await applyRules(
    await compile(
      [rule({ actions: [{ emit: { type: 'a', payload: 1 } }, { emit: { type: 'a', payload: 1 } }] })],
      services
    ),
    event(),
    startRun().run
  )
  t.equal(new Set(published.map((event) => event.id)).size, 2)
})

t.test('stands for as many events as the one that caused it', async (t) => {
  t.equal((await emit({}, event({ sampleWeight: 2.5 }))).emitted.sampleWeight, 2.5)
})

t.test('counts hops and refuses the ninth', async (t) => {
  t.equal((await emit({}, event({ hops: 7 }))).emitted.hops, 8)
  const { outcome, published } = await emit({}, event({ hops: 8 }))
  t.match(outcome, { status: 'dead', reason: /9 hops, at most 8/ })
  t.equal(published.length, 0)
})

t.test('says when the event occurred as the source does', async (t) => {
  t.equal((await emit({}, event({ occurredAt: '2026-03-01T10:00:00Z' }))).emitted.occurredAt, '2026-03-01T10:00:00Z')
})

t.test('what it emits belongs to the trace of the event that caused it', async (t) => {
  const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
  t.strictSame((await emit({}, event({ trace }))).emitted.trace, trace)
})

t.test('has a deadline only if the rule names one', async (t) => {
  const expiresAt = '2026-03-01T12:10:00Z'
  const source = event({ expiresAt, payload: { until: '2026-03-01T13:00:00+01:00', bad: 'tomorrow' } })
  t.notOk('expiresAt' in (await emit({}, source)).emitted)
  t.equal((await emit({ expiresAt: { var: 'expiresAt' } }, source)).emitted.expiresAt, expiresAt)
  t.equal((await emit({ expiresAt: { var: 'payload.until' } }, source)).emitted.expiresAt, '2026-03-01T13:00:00+01:00')
  t.equal((await emit({ expiresAt: '2030-01-01T00:00:00Z' }, source)).emitted.expiresAt, '2030-01-01T00:00:00Z')
  t.notOk('expiresAt' in (await emit({ expiresAt: { var: 'expiresAt' } })).emitted, 'of an event without one')
  const { outcome, published } = await emit({ expiresAt: { var: 'payload.bad' } }, source)
  t.match(outcome, { status: 'retry', reason: 'r#0: emit failed: expiresAt is not a time of RFC 3339' })
  t.equal(published.length, 0)
  for (const wrong of ['tomorrow', 5, true]) {
    await t.rejects(emit({ expiresAt: wrong }), { message: /expiresAt: Expected a time of RFC 3339/ })
  }
})
