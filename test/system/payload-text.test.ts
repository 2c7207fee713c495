import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { memberText } from '../../services/event/json-text.ts'
import { elementTexts } from '../element-texts.ts'
import { deadLettersIn } from '../services/queue/setup.ts'
import { startConsumer, type Consumer } from '../../rig/consumer.ts'
import { post, postBatch, startApp, type TestAppOptions } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { AWKWARD_PAYLOADS, jsonText } from '../json-documents.ts'
import { startRedis } from '../../rig/redis.ts'

const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const CLOUD_EVENTS = { 'content-type': 'application/cloudevents-batch+json' }
const NDJSON = { 'content-type': 'application/x-ndjson' }
const binary = (id: string) => ({ 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/s', 'ce-type': 'x' })
const cloudEvent = (id: string, data: string) =>
  `{"data" :${data}\t,"specversion":"1.0","id":"${id}","source":"/s","type":"x"}`
const event = (id: string, payload: string) => `{"type":"x","id":"${id}","payload": ${payload} }`

/** Payloads under the ids of the events that carry them; undefined for an event without data. */
type Payloads = Map<string, string | undefined>

/** API and worker in one process, which delivers to a consumer. */
async function startService (t: Test, env: Record<string, string> = {}, options: TestAppOptions = {}) {
  const consumer = await startConsumer(t)
  const { app } = await startApp(t, {
    env: { ROLE: 'all', DELIVERY_URL: consumer.url, SPOOL_CLASSES: 'critical', RETRY_BACKOFF_MS: '10', ...env },
    handlers: 'configured',
    ...options
  })
  return { app, consumer }
}

/** The events that the consumer got in its calls, the last time of each. */
function deliveredTo ({ calls }: Consumer): Map<string, { data: string | undefined, attempt: number }> {
  return new Map(calls.flatMap(({ body }) => elementTexts(body).map((text) => {
    const { id, attempt } = JSON.parse(text) as { id: string, attempt: number }
    return [id, { data: memberText(text, 'data'), attempt }] as const
  })))
}

async function expectDelivered (
  t: Test, consumer: Consumer, payloads: Payloads, isSettled: (attempt: number) => boolean = () => true
): Promise<void> {
  await eventually('all are delivered', () => {
    const delivered = deliveredTo(consumer)
    return [...payloads.keys()].every((id) => isSettled(delivered.get(id)?.attempt ?? NaN) && delivered.has(id))
  })
  const delivered = deliveredTo(consumer)
  for (const [id, payload] of payloads) t.equal(delivered.get(id)?.data, payload, id)
}

t.test('a payload is delivered byte for byte as it was posted, in whatever form it came', async (t) => {
  const { app, consumer } = await startService(t)
  const payloads: Payloads = new Map()
  const posted = (form: string, index: number, payload: string) => {
    payloads.set(`${form}-${index}`, payload)
    return `${form}-${index}`
  }
  const inForm = (form: string, write: (id: string, payload: string) => string, all = AWKWARD_PAYLOADS) =>
    all.map((payload, index) => write(posted(form, index, payload), payload))

  for (const text of inForm('single', event)) t.equal((await post(app, text)).statusCode, 202)
  for (const text of inForm('typed', (id, payload) => `{"id":"${id}","payload": ${payload} }`)) {
    t.equal((await post(app, text, { 'x-event-type': 'x' })).statusCode, 202)
  }
  for (const text of inForm('spooled', event)) {
    t.match((await post(app, text, { 'x-event-durability': 'spooled' })).json(), { durability: 'spooled' })
  }
  for (const text of inForm('structured', cloudEvent)) t.equal((await post(app, text, STRUCTURED)).statusCode, 202)
  for (const [index, payload] of AWKWARD_PAYLOADS.entries()) {
    t.equal((await post(app, ` ${payload}\n`, binary(posted('binary', index, payload)))).statusCode, 202)
  }
  t.match((await postBatch(app, ` [ ${inForm('array', event).join('\n, ')} ]`)).json(), {
    accepted: AWKWARD_PAYLOADS.length
  })
  t.match((await postBatch(app, `[${inForm('batch', cloudEvent).join()}]`, CLOUD_EVENTS)).json(), {
    accepted: AWKWARD_PAYLOADS.length
  })
  const lines = AWKWARD_PAYLOADS.filter((payload) => !payload.includes('\n'))
  t.match((await postBatch(app, inForm('line', event, lines).join('\r\n'), NDJSON)).json(), { accepted: lines.length })
  await expectDelivered(t, consumer, payloads)
})

t.test('any JSON is delivered byte for byte as it was posted', async (t) => {
  const { app, consumer } = await startService(t)
  const texts = fc.sample(jsonText, 400).map((text) => text.trim())
  const payloads: Payloads = new Map()
  const write = (form: string, into: typeof event) => texts.map((text, index) => {
    payloads.set(`${form}-${index}`, text)
    return into(`${form}-${index}`, text)
  })
  t.match((await postBatch(app, `[${write('array', event).join()}]`)).json(), { accepted: texts.length })
  t.match((await postBatch(app, `[${write('batch', cloudEvent).join(' , ')}]`, CLOUD_EVENTS)).json(), {
    accepted: texts.length
  })
  for (const text of write('single', event).slice(0, 100)) t.equal((await post(app, text)).statusCode, 202)
  for (let index = 100; index < texts.length; index++) payloads.delete(`single-${index}`)
  await expectDelivered(t, consumer, payloads)
})

t.test('of names that come twice in an event, the last one counts', async (t) => {
  const { app, consumer } = await startService(t)
  t.match((await post(app, '{"type":"a","payload":1,"pay\\u006coad":2.0,"type":"b","id":"twice"}')).json(), {
    type: 'b'
  })
  t.equal(
    (
      await post(
        app,
        '{"data":1.0,"d\\u0061ta":[ ],"specversion":"1.0","id":"ce","source":"/s","type":"x"}',
        STRUCTURED
      )
    ).statusCode,
    202
  )
  await expectDelivered(t, consumer, new Map([['twice', '2.0'], ['ce', '[ ]']]))
})

t.test('a CloudEvent without data arrives without, one with null with null', async (t) => {
  const { app, consumer } = await startService(t)
  const { data: _, ...bare } = JSON.parse(cloudEvent('bare', '1')) as Record<string, unknown>
  t.equal((await post(app, bare, STRUCTURED)).statusCode, 202)
  t.equal((await app.inject({ method: 'POST', url: '/api/v1/events', headers: binary('no-body') })).statusCode, 202)
  t.equal((await post(app, cloudEvent('null', 'null'), STRUCTURED)).statusCode, 202)
  t.equal((await post(app, 'null', binary('null-body'))).statusCode, 202)
  t.match((await postBatch(app, [{ ...bare, id: 'in-batch' }], CLOUD_EVENTS)).json(), { accepted: 1 })
  await expectDelivered(
    t,
    consumer,
    new Map([
      ['bare', undefined], ['no-body', undefined], ['null', 'null'], ['null-body', 'null'], ['in-batch', undefined]
    ])
  )
})

t.test('a reading arrives with its values as they were posted', async (t) => {
  const { app, consumer } = await startService(t)
  const values = '{ "big":12345678901234567890, "big":1.0,"small":1E-400 ,"text":"\\u00e9" }'
  const answer = await app.inject({
    method: 'POST', url: '/api/v1/datastreams', headers: { 'content-type': 'application/json' },
    payload: `{"time":"2026-03-01T10:00:00Z", "values": ${values} ,"id":"reading","deviceId" : "d\\u0037"}`
  })
  t.equal(answer.statusCode, 202)
  await expectDelivered(
    t,
    consumer,
    new Map([['reading', `{"deviceId":"d\\u0037","values":${values},"time":"2026-03-01T10:00:00Z"}`]])
  )
})

t.test('attempts, dead letters and replays change no byte of a payload', async (t) => {
  const { app, consumer } = await startService(t)
  const payloads: Payloads = new Map(AWKWARD_PAYLOADS.map((payload, index) => [`e-${index}`, payload]))
  const body = `[${[...payloads].map(([id, payload]) => event(id, payload as string)).join()}]`
  const answers = ['retry', 'dead', 'done']
  // By event, since the events of one attempt may come in several calls.
  const deliveries = new Map<string, number>()
  consumer.answer = (call, reply) => {
    const results = (JSON.parse(call.body) as { id: string }[]).map(({ id }) => {
      const earlier = deliveries.get(id) ?? 0
      deliveries.set(id, earlier + 1)
      return { id, status: answers[earlier] ?? 'done' }
    })
    reply.writeHead(207, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
  }
  t.match((await postBatch(app, body)).json(), { accepted: payloads.size })
  await expectDelivered(t, consumer, payloads, (attempt) => attempt === 2)
  await eventually('all are dead letters', async () => (await deadLettersIn(app.deadLetters)).length === payloads.size)

  const page = (await app.inject('/api/v1/dead-letters')).body
  const deadLetters = elementTexts(memberText(page, 'deadLetters') as string)
  t.strictSame(
    deadLetters.map((deadLetter) => memberText(memberText(deadLetter, 'event') as string, 'payload')).toSorted(),
    [...payloads.values()].toSorted(),
    'the list shows them as they were posted'
  )
  const [first] = JSON.parse(page).deadLetters as { id: string }[]
  t.equal((await app.inject(`/api/v1/dead-letters/${first?.id}`)).body, deadLetters[0])

  consumer.calls.length = 0
  t.equal(
    (
      await app.inject({
        method: 'POST',
        url: '/api/v1/dead-letters/replay',
        headers: { 'content-type': 'application/json' },
        payload: '{"filter":{}}'
      })
    ).statusCode,
    202
  )
  await expectDelivered(t, consumer, payloads)
})

t.test('events that are parted from others which came before change no byte', async (t) => {
  const { app, consumer } = await startService(t)
  t.equal((await post(app, event('known', '0.10'))).statusCode, 202)
  const own = AWKWARD_PAYLOADS.map((payload, index) => [`own-${index}`, payload] as const)
  const nameless = '{"type":"x","payload":{ "a":1.0,"a":1e400 }}'
  const answer = await postBatch(
    app,
    `[${event('known', '0.2')},${own.map(([id, payload]) => event(id, payload)).join()},${nameless}]`
  )
  t.match(answer.json(), { accepted: own.length + 1, duplicate: 1 })
  const place = answer.json().results.at(-1).id as string
  await expectDelivered(t, consumer, new Map([['known', '0.10'], ...own, [place, '{ "a":1.0,"a":1e400 }']]))
})

t.test('a rule that passes a payload on passes its text on', async (t) => {
  const redis = await startRedis(t)
  const rules = [
    { id: 'whole', when: true, types: ['x'], actions: [{ emit: { type: 'copy', payload: { var: 'payload' } } }] },
    {
      id: 'inside',
      when: true,
      types: ['x'],
      actions: [{ emit: { type: 'wrapped', payload: { original: [{ var: ['payload'] }], from: { var: 'id' } } } }]
    }
  ]
  const path = join(redis.folder, 'rules.json')
  await writeFile(path, JSON.stringify({ rules }))
  const { app, consumer } = await startService(t, { RULES_FILE: path }, { redis })
  t.match(
    (await postBatch(app, `[${AWKWARD_PAYLOADS.map((payload, index) => event(`e-${index}`, payload)).join()}]`)).json(),
    { accepted: AWKWARD_PAYLOADS.length }
  )
  const texts = () => consumer.calls.flatMap(({ body }) => elementTexts(body))
  const dataOf = (type: string) =>
    texts()
      .filter((text) => JSON.parse(text).type === type)
      .map((text) => memberText(text, 'data'))
      .toSorted()
  await eventually('all are delivered', () => texts().length === 3 * AWKWARD_PAYLOADS.length)
  t.strictSame(dataOf('copy'), AWKWARD_PAYLOADS.toSorted())
  t.strictSame(
    dataOf('wrapped'),
    AWKWARD_PAYLOADS.map((payload, index) => `{"original":[${payload}],"from":"e-${index}"}`).toSorted()
  )
})
