import fc from 'fast-check'
import t from 'tap'
import { applyRules } from '../../../services/rules/apply-rules.ts'
import { compile, event, rule, startRun, startServices } from './setup.ts'

const emit = (type: string) => ({ emit: { type, payload: { t: { var: 'payload.values.temperature' } } } })
const REFUSED = { status: 'refused', refusal: { kind: 'load', reason: 'circuit-open', retryAfterSeconds: 7 } } as const

t.test('runs the actions of the rules that match, in the order of the file', async (t) => {
  const { services, published } = startServices()
  const rules = await compile([
    rule({ id: 'a', when: { '>': [{ var: 'payload.values.temperature' }, 80] }, actions: [emit('one'), emit('two')] }),
    rule({ id: 'b', when: { '>': [{ var: 'payload.values.temperature' }, 95] }, actions: [emit('never')] }),
    rule({ id: 'c', types: ['other'], actions: [emit('never')] }),
    rule({ id: 'd', types: ['telemetry-data'], when: { '==': [{ var: 'id' }, 'e1'] }, actions: [emit('three')] })
  ], services)
  t.strictSame(await applyRules(rules, event(), startRun().run), { status: 'done' })
  t.strictSame(published.map(({ type }) => type), ['one', 'two', 'three'])
})

t.test('lets conditions read every field of an event, and nothing else of it', async (t) => {
  const whole = event({
    organizationId: 'acme',
    occurredAt: '2026-03-01T11:59:59Z',
    attempt: 2,
    hops: 1,
    completedSteps: ['x'],
    attributes: { source: '/s' }
  })
  const { services, published } = startServices()
  const rules = await compile([rule({ actions: [{ emit: { type: 'copy', payload: { var: '' } } }] })], services)
  await applyRules(rules, whole, startRun().run)
  t.strictSame(published[0]?.payload, {
    id: 'e1', type: 'telemetry-data', payload: { values: { temperature: 91.5 } }, priority: 5,
    organizationId: 'acme', occurredAt: '2026-03-01T11:59:59Z', receivedAt: '2026-03-01T12:00:00.000Z'
  })
})

t.test('retries an event whose condition cannot be computed, and runs its other rules', async (t) => {
  const { services, published } = startServices()
  const rules = await compile([
    rule({ id: 'broken', when: { '>': [{ var: 'payload.values.temperature' }, 80] }, actions: [emit('never')] }),
    rule({ id: 'sound', actions: [emit('one')] })
  ], services)
  t.strictSame(await applyRules(rules, event({ payload: { values: { temperature: 'hot' } } }), startRun().run), {
    status: 'retry',
    reason: 'broken: condition failed',
    detail: 'broken: condition failed: not a number',
    completedSteps: ['sound#0']
  })
  t.equal(published.length, 1)
})

t.test('retries the steps that failed, without those that are done', async (t) => {
  const { services, published, bus } = startServices()
  const rules = await compile([
    rule({ id: 'a', actions: [{ log: { level: 'info', message: 'once' } }, emit('one')] }),
    rule({ id: 'b' })
  ], services)
  const { run, lines } = startRun()
  bus.answer = REFUSED
  const first = await applyRules(rules, event({ completedSteps: ['earlier'] }), run)
  t.strictSame(first, {
    status: 'retry',
    reason: 'a#1: emit refused: circuit-open',
    delayMs: 7_000,
    countsAsAttempt: false,
    completedSteps: ['earlier', 'a#0', 'b#0']
  })
  bus.answer = { status: 'accepted', durability: 'queued' }
  const { completedSteps } = first as { completedSteps: string[] }
  t.strictSame(await applyRules(rules, event({ completedSteps }), run), { status: 'done' })
  t.strictSame(lines.map(({ msg }) => msg), ['once', 'matched'])
  t.equal(published.length, 2)
})

t.test('does not compute a condition whose steps are all done', async (t) => {
  const rules = await compile([rule({ when: { throw: 'again' } })])
  t.strictSame(await applyRules(rules, event({ completedSteps: ['r#0'] }), startRun().run), { status: 'done' })
})

t.test('uses up an attempt as soon as one failure is not only a call for patience', async (t) => {
  const { services, bus } = startServices()
  bus.answer = REFUSED
  const rules = await compile(
    [rule({ id: 'a', when: { throw: 'boom' } }), rule({ id: 'b', actions: [emit('x')] })],
    services
  )
  t.strictSame(await applyRules(rules, event(), startRun().run), {
    status: 'retry',
    reason: 'a: condition failed; b#0: emit refused: circuit-open',
    detail: 'a: condition failed: boom; b#0: emit refused: circuit-open',
    delayMs: 7_000,
    completedSteps: []
  })
})

t.test('gives an event up only when nothing is left to retry', async (t) => {
  const { services } = startServices()
  const loop = { id: 'loop', actions: [emit('x')] }
  const deep = event({ hops: 8 })
  t.match(await applyRules(await compile([rule(loop)], services), deep, startRun().run), {
    status: 'dead',
    reason: /^loop#0: emit refused: 9 hops, at most 8/
  })
  t.match(
    await applyRules(await compile([rule(loop), rule({ when: { throw: 'boom' } })], services), deep, startRun().run),
    { status: 'retry', detail: /9 hops.*boom/ }
  )
})

t.test('retries when an action throws', async (t) => {
  const { services } = startServices()
  const rules = await compile([rule({ actions: [emit('x')] })], {
    ...services,
    publish: async () => {
      throw new Error('bus is gone')
    }
  })
  t.strictSame(await applyRules(rules, event(), startRun().run), {
    status: 'retry',
    reason: 'r#0: failed',
    detail: 'r#0: bus is gone',
    completedSteps: []
  })
})

t.test('leaves the steps that are left to another run when its signal is aborted', async (t) => {
  const { services } = startServices()
  const controller = new AbortController()
  const rules = await compile([rule({ id: 'a', actions: [emit('x'), emit('y')] })], {
    ...services, publish: async () => { controller.abort(); return { status: 'accepted', durability: 'queued' } }
  })
  t.strictSame(await applyRules(rules, event(), startRun(controller.signal).run), {
    status: 'retry', reason: 'interrupted by shutdown', countsAsAttempt: false, completedSteps: ['a#0']
  })
})

t.test('runs every step exactly once however often emissions are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), async (answers) => {
      const { services } = startServices()
      const accepted: string[] = []
      const rules = await compile([
        rule({ id: 'a', actions: [emit('1'), emit('2')] }),
        rule({ id: 'b', actions: [emit('3')] })
      ], {
        ...services,
        publish: async ({ type }) => {
          if (answers.shift() === false) return REFUSED
          accepted.push(type)
          return { status: 'accepted', durability: 'queued' }
        }
      })
      let completedSteps: string[] | undefined
      for (;;) {
        const outcome = await applyRules(rules, event({ ...(completedSteps && { completedSteps }) }), startRun().run)
        if (outcome.status === 'done') break
        completedSteps = (outcome as { completedSteps: string[] }).completedSteps
      }
      return accepted.toSorted().join() === '1,2,3'
    }),
    { numRuns: 50 }
  )
})

t.test('begins no step after the deadline, and completes none', async (t) => {
  const { services, published } = startServices()
  let looks = 0
  const rules = await compile([rule({ actions: [emit('one'), emit('two')] })], services)
  const { run } = startRun(undefined, () => looks++ > 0)
  t.match(await applyRules(rules, event(), run), { status: 'expired' })
  t.strictSame(published.map(({ type }) => type), ['one'])
})
