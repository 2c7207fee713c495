import t from 'tap'
import type { QueuedEvent } from '../../../../services/event/event.ts'
import { applyRules } from '../../../../services/rules/apply-rules.ts'
import { memberText } from '../../../../services/event/json-text.ts'
import { AWKWARD_PAYLOADS } from '../../../json-documents.ts'
import { refusedUrl, startConsumer } from '../../../../rig/consumer.ts'
import { compile, event, rule, startRun } from '../setup.ts'

async function call (
  webhook: Record<string, unknown>, signal?: AbortSignal, more: Partial<QueuedEvent> = {}, isLate = () => false
) {
  return applyRules(
    await compile([rule({ actions: [{ webhook }] })]),
    event({ organizationId: 'acme', attempt: 2, ...more }),
    startRun(signal, isLate).run
  )
}

t.test('posts the event and the rule as JSON', async (t) => {
  const consumer = await startConsumer(t)
  t.strictSame(
    await call({
      url: consumer.url,
      headers: { Authorization: 'Bearer k', 'Content-Type': 'application/vnd.acme+json' }
    }),
    { status: 'done' }
  )
  const [{ body, ...head }] = consumer.calls as [typeof consumer.calls[0] & object]
  t.match(head, { method: 'POST', headers: { authorization: 'Bearer k', 'content-type': 'application/vnd.acme+json' } })
  t.strictSame(JSON.parse(body), {
    id: 'e1', type: 'telemetry-data', payload: { values: { temperature: 91.5 } }, priority: 5,
    organizationId: 'acme', receivedAt: '2026-03-01T12:00:00.000Z', ruleId: 'r'
  })
})

t.test('posts a payload in the text that it was posted in', async (t) => {
  const consumer = await startConsumer(t)
  for (const payloadText of AWKWARD_PAYLOADS) {
    await call({ url: consumer.url }, undefined, { payload: JSON.parse(payloadText), payloadText })
    t.equal(memberText(consumer.calls.at(-1)?.body as string, 'payload'), payloadText)
  }
  await call({ url: consumer.url }, undefined, { payload: undefined })
  t.notOk('payload' in JSON.parse(consumer.calls.at(-1)?.body as string), 'an event without one')
})

t.test('takes a 2xx for done and retries after anything else', async (t) => {
  const consumer = await startConsumer(t)
  for (const status of [200, 201, 202, 204, 299]) {
    consumer.answer = (_call, reply) => { reply.writeHead(status).end() }
    t.strictSame(await call({ url: consumer.url }), { status: 'done' }, String(status))
  }
  for (const status of [301, 302, 307, 400, 404, 429, 500, 503]) {
    consumer.answer = (_call, reply) => {
      reply.writeHead(status, { location: '/elsewhere' }).end()
    }
    t.strictSame(await call({ url: consumer.url }), {
      status: 'retry',
      reason: `r#0: webhook answered ${status}`,
      completedSteps: []
    }, String(status))
  }
  t.equal(consumer.calls.length, 13, 'no redirect is followed')
})

t.test('retries when there is no answer', async (t) => {
  t.match(await call({ url: await refusedUrl() }), { status: 'retry', reason: 'r#0: webhook failed: ECONNREFUSED' })
  const consumer = await startConsumer(t)
  consumer.answer = () => {}
  t.match(await call({ url: consumer.url, timeoutMs: 20 }), {
    status: 'retry',
    reason: 'r#0: webhook failed: no answer within 20 ms'
  })
})

t.test('is given up at shutdown without using up an attempt', async (t) => {
  const consumer = await startConsumer(t)
  const controller = new AbortController()
  consumer.answer = () => { controller.abort() }
  t.strictSame(await call({ url: consumer.url }, controller.signal), {
    status: 'retry', reason: 'r#0: interrupted by shutdown', countsAsAttempt: false, completedSteps: []
  })
})

t.test('refuses headers that no request can have', async (t) => {
  for (
    const [name, value] of [['x-note', '€'], ['x-note', 'a\u0001'], ['x-note', 'a\nb'], ['x note', 'a'], [
      '',
      'a'
    ]] as const
  ) {
    await t.rejects(call({ url: 'http://localhost', headers: { [name]: value } }), {
      message: /is not a header that can be sent/
    }, JSON.stringify([name, value]))
  }
})

t.test('refuses headers that say how long the body is', async (t) => {
  for (const name of ['Content-Length', 'transfer-encoding']) {
    await t.rejects(call({ url: 'http://localhost', headers: { [name]: '1' } }), {
      message: new RegExp(`headers: "${name}" is not a header that can be sent`)
    })
  }
})

t.test('a call for an event of a trace carries it, unless the rule says otherwise', async (t) => {
  const consumer = await startConsumer(t)
  const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'k=v' }
  await call({ url: consumer.url }, undefined, { trace })
  await call({ url: consumer.url, headers: { Traceparent: 'of the rule' } }, undefined, { trace })
  await call({ url: consumer.url })
  t.strictSame(consumer.calls.map(({ headers }) => [headers.traceparent, headers.tracestate]), [
    [trace.traceparent, 'k=v'],
    ['of the rule', 'k=v'],
    [undefined, undefined]
  ])
  t.ok(consumer.calls.every(({ body }) => !body.includes('trace')))
})

t.test('posts nothing once the deadline has passed, not even on a connection that took too long', async (t) => {
  const consumer = await startConsumer(t)
  const late = { expiresAt: '2026-03-01T12:10:00Z' }
  let looks = 0
  t.match(await call({ url: consumer.url }, undefined, late, () => looks++ > 0), { status: 'expired' })
  t.equal(looks, 2)
  t.equal(consumer.calls.length, 0)
  t.match(await call({ url: consumer.url }, undefined, late), { status: 'done' })
  t.match(JSON.parse(consumer.calls[0]!.body), late)
})
