import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { postBatch, startApp, type TestApp } from '../../../app.ts'
import type { Viewers } from '../../../../services/history/viewers.ts'
import { eventually } from '../../../../rig/eventually.ts'

const PROBLEM = 'application/problem+json; charset=utf-8'

/** The circuit opens at three events, and the queue is full at a thousand. */
export const TINY = {
  QUEUE_RECOVERY_THRESHOLD: '1',
  QUEUE_WARNING_THRESHOLD: '2',
  QUEUE_CRITICAL_THRESHOLD: '3',
  QUEUE_HARD_LIMIT: '1000'
}

/** The queue is full at four events. */
export const TINIEST = { ...TINY, QUEUE_HARD_LIMIT: '4' }

export const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Gets a path under /api/v1/ whose answer is JSON. */
export async function getJson (app: FastifyInstance, path: string) {
  const answer = await app.inject(`/api/v1/${path}`)
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

/** Waits until the queue is seen to hold so many events, none of them counted twice as just admitted. */
export async function depthIs (app: FastifyInstance, depth: number): Promise<void> {
  const { backpressure } = app
  await eventually(`the depth is ${depth}`, () => backpressure.signals.depth === depth && backpressure.depth === depth)
}

/** Starts an app and fills its queue with critical events until it is seen to hold `depth`. */
export async function startFilled (t: Test, depth: number, env: Record<string, string>): Promise<TestApp> {
  const started = await startApp(t, { env })
  const answer = await postBatch(
    started.app,
    Array.from({ length: depth }, (_, index) => ({ type: 'filling', payload: index, priority: 1 }))
  )
  t.equal(answer.statusCode, 202)
  await depthIs(started.app, depth)
  return started
}

/** An app whose circuit is open and stays so, since nothing drains its queue. */
export async function startOpen (t: Test, env: Record<string, string> = {}): Promise<TestApp> {
  const started = await startFilled(t, 3, { ...TINY, ...env })
  t.equal(started.app.backpressure.signals.circuitState, 'OPEN')
  return started
}

/** Takes the places of so many viewers from elsewhere. */
export function occupy (viewers: Viewers, count: number): void {
  for (let taken = 0; taken < count; taken++) {
    viewers.add({ write: () => {}, end: () => {}, destroy: () => {}, writableLength: 0 }, 'elsewhere')
  }
}

/** Asserts a 400 that names exactly these fields. */
export function assertInvalid (
  t: Test,
  answer: LightMyRequestResponse,
  fields: readonly string[],
  claim: string
): void {
  t.strictSame([answer.statusCode, answer.headers['content-type']], [400, PROBLEM], claim)
  const { type, title, status, detail, errors } = answer.json()
  t.strictSame([type, title, status], ['urn:spillway:problem:invalid-event', 'Bad Request', 400], claim)
  t.strictSame(errors?.map(({ field }: { field: string }) => field), fields, `${claim} names ${fields.join(', ')}`)
  for (const { field, message } of errors ?? []) {
    t.type(message, 'string')
    t.ok(detail.includes(field === '' ? message : `${field}: ${message}`), `the detail tells of ${field}`)
  }
}

/** Asserts a problem that is about the request as a whole. */
export function assertProblem (
  t: Test,
  answer: LightMyRequestResponse,
  status: number,
  slug: string,
  claim: string
): void {
  t.strictSame([answer.statusCode, answer.headers['content-type']], [status, PROBLEM], claim)
  t.match(answer.json(), { type: `urn:spillway:problem:${slug}`, title: String, status, detail: String }, claim)
}

/** Asserts a 503 that says why and when to come back. */
export function assertShed (
  t: Test,
  answer: LightMyRequestResponse,
  expected: Record<string, unknown>,
  claim: string
): void {
  t.strictSame([answer.statusCode, answer.headers['content-type']], [503, PROBLEM], claim)
  const body = answer.json()
  t.match(body, {
    type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
    title: 'Service Unavailable',
    status: 503,
    detail: String,
    reason: String,
    circuitState: String,
    ...expected
  }, claim)
  t.ok('queueDepth' in body && Number.isInteger(body.priority), claim)
  t.ok(
    Number.isInteger(body.retryAfterSeconds) && body.retryAfterSeconds >= 1 && body.retryAfterSeconds <= 120,
    `${claim} asks for 1 to 120 s`
  )
  t.equal(answer.headers['retry-after'], String(body.retryAfterSeconds), claim)
}
