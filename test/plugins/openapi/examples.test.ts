import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { post, postBatch, startApp } from '../../app.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startOpen } from '../../routes/api/v1/setup.ts'

interface Media {
  schema: object
  examples?: Record<string, { summary?: string, value: unknown }>
}
interface Operation {
  operationId: string
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { content?: Record<string, Media> }>
}

const STATUSES = {
  postEvent: ['202', '400', '409', '413', '415', '501', '503'],
  postEvents: ['202', '207', '400', '409', '413', '415', '501', '503'],
  postReading: ['202', '400', '409', '413', '415', '501', '503']
}

const redis = await startRedis(t)
const { app } = await startApp(t, { redis })
const { paths } = (await app.inject('/openapi.json')).json() as { paths: Record<string, Record<string, Operation>> }
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.values(item).map((operation) => ({ path, operation }))
)
const intake = operations.filter(({ operation }) => operation.operationId in STATUSES)
const ajv = new Ajv2020({ strict: false, formats: fullFormats })

function examplesOf (media: Media | undefined): [name: string, value: unknown][] {
  return Object.entries(media?.examples ?? {}).map(([name, { value }]) => [name, value])
}

function answersOf ({ responses }: Operation): { status: string, media: Media }[] {
  return Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.values(content).map((media) => ({ status, media }))
  )
}

t.test('every form of a body and every answer of the intake has an example', async (t) => {
  t.equal(intake.length, 3)
  for (const { operation } of intake) {
    const { operationId, requestBody } = operation
    for (const [type, media] of Object.entries(requestBody?.content ?? {}))
      t.ok(examplesOf(media).length > 0, `${operationId} ${type}`)
    const shown = answersOf(operation).filter(({ media }) => examplesOf(media).length > 0).map(({ status }) => status)
    t.strictSame(
      STATUSES[operationId as keyof typeof STATUSES].filter((status) => !shown.includes(status)),
      [],
      operationId
    )
  }
})

t.test('every example is of its schema', async (t) => {
  let count = 0
  for (const { operation } of operations) {
    const { operationId, requestBody } = operation
    for (
      const media of [
        ...Object.values(requestBody?.content ?? {}),
        ...answersOf(operation).map(({ media }) => media)
      ]
    ) {
      const accepts = ajv.compile(media.schema)
      for (const [name, value] of examplesOf(media)) {
        count++
        t.ok(accepts(value), `${operationId} ${name}: ${ajv.errorsText(accepts.errors)}`)
      }
    }
  }
  t.ok(count > 30)
})

t.test('every body is stored when it is posted', async (t) => {
  for (const { path, operation: { requestBody } } of intake) {
    for (const [type, media] of Object.entries(requestBody?.content ?? {})) {
      for (const [name, value] of examplesOf(media)) {
        const payload = typeof value === 'string' ? value : JSON.stringify(value)
        const { statusCode, body } = await app.inject({
          method: 'POST',
          url: path,
          headers: { 'content-type': type },
          payload
        })
        t.equal(statusCode, 202, `${path} ${type} ${name} ${body}`)
      }
    }
  }
})

t.test('answers are those of a service', async (t) => {
  const { app: open } = await startOpen(t)
  const { app: cold } = await startApp(t, { awaitsQueue: false, env: { REDIS_URL: 'redis://127.0.0.1:1' } })
  const state = { type: 'device-state-change', payload: 1 }
  const alarm = { type: 'critical-alarm', payload: 1, id: 'stored-before' }
  const wrong = { type: 'x', priority: 11 }
  await post(app, alarm)
  const exampleOf = (operationId: string, status: number, name: string) => {
    const operation = operations.find(({ operation }) => operation.operationId === operationId)?.operation as Operation
    return answersOf(operation).filter((answer) => answer.status === String(status)).flatMap(({ media }) =>
      examplesOf(media)
    )
      .find(([each]) => each === name)?.[1]
  }
  const answers: [operationId: string, status: number, name: string, answer: LightMyRequestResponse][] = [
    ['postEvent', 202, 'accepted', await post(app, state)],
    ['postEvent', 202, 'duplicate', await post(app, alarm)],
    ['postEvent', 400, 'fields', await post(app, wrong)],
    ['postEvent', 400, 'json', await post(app, '{')],
    ['postEvent', 409, 'identity', await post(app, { ...alarm, type: 'other' })],
    ['postEvent', 413, 'tooLarge', await post(app, { type: 'x', payload: 'x'.repeat(2_000_000) })],
    ['postEvent', 415, 'text', await post(app, 'x', { 'content-type': 'text/plain' })],
    ['postEvent', 503, 'overload', await post(open, state)],
    ['postEvent', 503, 'outage', await post(cold, state)],
    ['postEvents', 202, 'array', await postBatch(app, [state, alarm])],
    [
      'postEvents',
      202,
      'stream',
      await postBatch(app, JSON.stringify(state), { 'content-type': 'application/x-ndjson' })
    ],
    ['postEvents', 207, 'mixed', await postBatch(open, [{ ...state, priority: 1 }, wrong, { ...state, priority: 9 }])],
    ['postEvents', 400, 'noneValid', await postBatch(app, [wrong])],
    ['postEvents', 409, 'identities', await postBatch(app, [{ ...alarm, type: 'other' }])],
    ['postEvents', 503, 'overload', await postBatch(open, [state], { 'x-event-priority': '5' })]
  ]
  for (const [operationId, status, name, answer] of answers) {
    t.equal(answer.statusCode, status, `${operationId} ${name}`)
    t.strictSame(
      outline(answer.json()),
      outline(exampleOf(operationId, status, name)),
      `${operationId} ${status} ${name}`
    )
  }
})

/** An answer without what is its own: words that name things are kept, numbers, sentences and ids are not. */
function outline (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(outline)
  if (typeof value !== 'object' || value === null) return typeof value
  const NAMES = ['type', 'title', 'status', 'reason', 'field', 'durability']
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, member]) =>
    [key, NAMES.includes(key) && typeof member !== 'object' ? member : outline(member)]))
}
