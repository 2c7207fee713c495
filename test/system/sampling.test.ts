import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { SpillwayClient } from '../../clients/typescript/client.ts'
import { metric, post, postBatch, startApp, storedEvents } from '../app.ts'
import { listen, runCli } from '../cli/run-cli.ts'
import { eventually } from '../../rig/eventually.ts'
import { samplePlace } from '../../services/admission/sample-weight.ts'
import { cloudEventJson } from '../../services/event/cloud-event.ts'

const ENV = {
  SAMPLING: 'low', QUEUE_RECOVERY_THRESHOLD: '10', QUEUE_WARNING_THRESHOLD: '100', QUEUE_CRITICAL_THRESHOLD: '1000',
  STREAM_PATIENCE_MS: '0'
}
/** Without workers the depth stays where it is: 0.6 of the way from warning to critical. */
const DEPTH = 640
const KEPT = 0.4
/** The events that a test stores lower the share; it stays above this until the depth is raised. */
const LEAST_KEPT = 0.2

const isKept = (id: string) => samplePlace('acme', id) < LEAST_KEPT
const isLeftOut = (id: string) => samplePlace('acme', id) >= KEPT
/** Ids of which it is known whether they are kept. */
const decided = (name: string) =>
  Array.from({ length: 200 }, (_, index) => `${name}-${index}`).filter((id) => isKept(id) || isLeftOut(id))
const isWeight = (weight: unknown) => Number(weight) >= 1 / KEPT && Number(weight) <= 1 / LEAST_KEPT
const low = (id: string) => ({ type: 'telemetry-data', payload: 1, priority: 9, organizationId: 'acme', id })
/** An id of each kind. */
const ids = (name: string) => {
  const named = decided(name)
  return { kept: named.find(isKept)!, leftOut: named.find(isLeftOut)! }
}

interface Control { control: { sampling: string, keptShareByClass: Record<string, number> } }
const keptShares = async (app: FastifyInstance) =>
  (await app.inject('/api/v1/metrics/queue')).json<Control>().control.keptShareByClass

const started = async () => {
  const { app, redis } = await startApp(t, { env: ENV })
  const { app: replica } = await startApp(t, { env: ENV, redis })
  await postBatch(app, Array.from({ length: DEPTH }, () => ({ type: 'x', payload: 1, priority: 5 })))
  for (const each of [app, replica]) {
    await eventually('the sample is in force', async () => (await keptShares(each)).low === KEPT)
  }
  return { app, replica }
}
const { app, replica } = await started()

const stored = async (id: string) => (await storedEvents(app)).find((event) => event.id === id)

t.test('a single event outside the sample is answered 202 and stored nowhere, a kept one says its weight', async (t) => {
  const forms: [form: string, send: (id: string) => ReturnType<typeof post>][] = [
    ['an event', (id) => post(app, low(id))],
    ['a structured CloudEvent', (id) => app.inject({
      method: 'POST', url: '/api/v1/events', headers: { 'content-type': 'application/cloudevents+json' },
      payload: { specversion: '1.0', id, source: '/test', type: 'x', organizationid: 'acme', priority: 9, data: 1 }
    })],
    ['a binary CloudEvent', (id) => post(app, '1', {
      'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/test', 'ce-type': 'x', 'ce-organizationid': 'acme',
      'ce-priority': '9'
    })]
  ]
  for (const [form, send] of forms) {
    const { kept, leftOut } = ids(form.replaceAll(' ', '-'))
    const answer = await send(leftOut)
    t.equal(answer.statusCode, 202, form)
    t.match(answer.json(), { id: leftOut, priority: 9, status: 'sampled' })
    t.notOk('retry-after' in answer.headers)
    t.equal(await stored(leftOut), undefined)
    t.match((await send(kept)).json(), { id: kept, status: 'accepted' })
    const event = (await stored(kept))!
    t.ok(isWeight(event.sampleWeight), `it stands for ${event.sampleWeight}`)
    t.equal(JSON.parse(cloudEventJson(event)).sampleweight, event.sampleWeight, 'and says so when it is delivered')
  }
})

t.test('an event has the same answer on every replica and each time', async (t) => {
  const { kept, leftOut } = ids('again')
  for (const each of [app, replica, app]) {
    t.equal((await post(each, low(leftOut))).json().status, 'sampled')
    t.not((await post(each, low(kept))).json().status, 'sampled')
  }
})

t.test('events with the same sample key are kept or left out together', async (t) => {
  const { kept, leftOut } = ids('session')
  for (const [sampleKey, isLeftOut] of [[kept, false], [leftOut, true]] as const) {
    const session = decided('of-a-session').slice(0, 10).map((id) => ({ ...low(`${sampleKey}-${id}`), sampleKey }))
    const { sampled = 0 } = (await postBatch(app, session)).json<{ sampled?: number }>()
    t.equal(sampled, isLeftOut ? 10 : 0)
  }
})

t.test('an array lists the events outside the sample, a stream counts them, and neither is a refusal', async (t) => {
  const named = (form: string) => decided(form).slice(0, 20).map(low)
  const [array, lines] = [named('array'), named('line')]
  const leftOut = (events: typeof array) => events.filter(({ id }) => isLeftOut(id))
  const asArray = await postBatch(app, array)
  t.equal(asArray.statusCode, 202)
  const expected = { accepted: 20 - leftOut(array).length, sampled: leftOut(array).length, shed: 0 }
  t.match(asArray.json(), expected)
  const results = asArray.json<{ results: { status: string, id?: string }[] }>().results
  t.strictSame(results.filter(({ status }) => status === 'sampled').map(({ id }) => id), leftOut(array).map(({ id }) => id))
  const asStream = await postBatch(app, lines.map((line) => JSON.stringify(line)).join('\n'), {
    'content-type': 'application/x-ndjson'
  })
  t.equal(asStream.statusCode, 202)
  t.match(asStream.json(), { accepted: 20 - leftOut(lines).length, sampled: leftOut(lines).length })
  t.strictSame(asStream.json<{ results: unknown[] }>().results, [])
})

t.test('the client and the command take the answer for the end of an event, and for no failure', async (t) => {
  const { kept, leftOut } = ids('sent')
  const env = await listen(app)
  const sent = await runCli(['send', '-'], { env, stdin: [leftOut, kept].map((id) => JSON.stringify(low(id))).join('\n') })
  t.equal(sent.code, 0)
  t.match(sent.out, '1 accepted, 0 duplicate, 1 sampled, 0 failed')
  let requests = 0
  const client = new SpillwayClient({
    url: env.SPILLWAY_URL,
    fetch: async (input, init) => {
      requests++
      return await fetch(input, init)
    }
  })
  t.teardown(() => client.close({ signal: AbortSignal.abort() }))
  t.strictSame(await client.send(low(leftOut)), { status: 'sampled', id: leftOut })
  t.equal(requests, 1)
})

t.test('a reading without an id is kept by chance, and other classes are not sampled', async (t) => {
  const reading = () => app.inject({
    method: 'POST', url: '/api/v1/datastreams', headers: { 'x-event-priority': '9' },
    payload: { deviceId: 'd', values: { one: 1 } }
  })
  const seen = new Set<string>()
  await eventually('both answers are seen', async () => {
    const answer = await reading()
    t.equal(answer.statusCode, 202)
    const { id, status } = answer.json<{ id: string, status: string }>()
    t.not(id, '')
    seen.add(status)
    return seen.size === 2
  })
  t.strictSame([...seen].toSorted(), ['accepted', 'sampled'])
  for (const priority of [1, 5]) {
    t.equal((await post(app, { ...low(ids(`class-${priority}`).leftOut), priority })).json().status, 'accepted')
  }
})

t.test('the ledger counts what was left out, and adds up', async (t) => {
  await eventually('both replicas have booked', async () => {
    return await metric(app, 'spillway_ledger_sampled_total{priority_class="low"}') > 0 &&
      await metric(app, 'spillway_ledger_imbalance{side="admission"}') === 0
  })
  t.equal(await metric(app, 'spillway_kept_share{priority_class="low"}'), (await keptShares(app)).low)
  t.equal(await metric(app, 'spillway_kept_share{priority_class="normal"}'), 1)
  t.match((await app.inject('/api/v1/metrics/queue')).json(), { control: { sampling: 'low' } })
})

t.test('a kept event is not refused where low would be, until the queue is nearly full or the circuit is open', async (t) => {
  await postBatch(app, Array.from({ length: 160 }, () => ({ type: 'x', payload: 1, priority: 5 })))
  await eventually('the depth is above 0.8 of critical', () => app.backpressure.signals.depth > 800)
  const answers = await postBatch(app, Array.from({ length: 20 }, (_, index) => low(`deep-${index}`)))
  t.match(answers.json(), { shed: 0 })
  await postBatch(app, Array.from({ length: 200 }, () => ({ type: 'x', payload: 1, priority: 5 })))
  await eventually('the circuit is open', () => app.backpressure.signals.circuitState === 'OPEN')
  t.match((await post(app, low(ids('late').leftOut))).json(), { status: 503, reason: 'circuit-open' })
})
