import t from 'tap'
import { startApp } from '../../app.ts'
import { startRedis } from '../../../rig/redis.ts'
import { offencesInDocument } from '../../docs/plain-english.ts'

interface Operation {
  operationId?: string
  tags?: string[]
  security?: object[]
  summary?: string
}

/** The names that generated clients call; one that changes breaks them. */
const OPERATIONS = {
  postEvent: 'POST /api/v1/events',
  listLatestEvents: 'GET /api/v1/events',
  postEvents: 'POST /api/v1/events/batch',
  postReading: 'POST /api/v1/datastreams',
  getReceipt: 'GET /api/v1/events/{id}',
  getPayload: 'GET /api/v1/events/{id}/payload',
  listDeadLetters: 'GET /api/v1/dead-letters',
  deleteDeadLetters: 'DELETE /api/v1/dead-letters',
  getDeadLetter: 'GET /api/v1/dead-letters/{id}',
  deleteDeadLetter: 'DELETE /api/v1/dead-letters/{id}',
  startReplay: 'POST /api/v1/dead-letters/replay',
  listReplays: 'GET /api/v1/dead-letters/replays',
  getReplay: 'GET /api/v1/dead-letters/replays/{id}',
  cancelReplay: 'DELETE /api/v1/dead-letters/replays/{id}',
  watchReplay: 'GET /api/v1/dead-letters/replays/{id}/events',
  getHealth: 'GET /api/v1/health',
  getReadiness: 'GET /api/v1/health/readiness',
  getLiveness: 'GET /api/v1/health/liveness',
  getQueue: 'GET /api/v1/metrics/queue',
  getAutoscaling: 'GET /api/v1/autoscaling',
  getQueueSummary: 'GET /api/v1/metrics/queue/summary',
  getPrometheusMetrics: 'GET /api/v1/metrics/prometheus',
  getLedger: 'GET /api/v1/metrics/ledger',
  rebaseLedger: 'POST /api/v1/metrics/ledger/rebase',
  setBackpressureMode: 'PUT /api/v1/metrics/backpressure/mode',
  resetBackpressure: 'POST /api/v1/metrics/backpressure/reset',
  pauseWorkers: 'POST /api/v1/workers/pause',
  resumeWorkers: 'POST /api/v1/workers/resume',
  watchSignals: 'GET /api/v1/dashboard/stream'
}

/** Operations that need no key, and those that accept no password. */
const PUBLIC = /^get(Liveness|Readiness)$/
const INTAKE = /^post/

/** Operations for everybody who reaches the port, while no key is required. */
const OPEN = /^(post|getReceipt|getHealth|getReadiness|getLiveness|getQueue|getAutoscaling|getPrometheus)/

const redis = await startRedis(t)
const { app } = await startApp(t, { redis })
const document = (await app.inject('/openapi.json')).json()

function operationsOf (paths: Record<string, Record<string, Operation>>): { route: string, operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })))
}

/** All texts for readers, in any depth. */
function textsOf (value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    typeof member === 'string' && ['summary', 'description', 'title'].includes(key) ? [member] : textsOf(member))
}

t.test('every operation has a name of its own, which stays', async (t) => {
  const names = operationsOf(document.paths).map(({ route, operation }) => [operation.operationId, route])
  t.equal(new Set(names.map(([name]) => name)).size, names.length)
  t.match(Object.fromEntries(names), OPERATIONS)
  for (const [name] of names) t.match(name, /^[a-z]+(?:[A-Z][a-z]+)+$/)
})

t.test('operations say how to authenticate, and whether they have to', async (t) => {
  const { app: guarded } = await startApp(t, { redis, env: { ADMIN_TOKEN: 'a token of operators' } })
  const { paths } = (await guarded.inject('/openapi.json')).json()
  const schemesOf = (operationId: string) => PUBLIC.test(operationId)
    ? undefined
    : [{ bearer: [] }, { apiKey: [] }, ...INTAKE.test(operationId) ? [] : [{ basic: [] }]]
  const optional = (schemes: object[] | undefined) => schemes && [{}, ...schemes]
  for (const { operation: { operationId = '', security } } of operationsOf(paths)) {
    const schemes = schemesOf(operationId)
    t.strictSame(security, OPEN.test(operationId) ? optional(schemes) : schemes, operationId)
  }
  for (const { operation: { operationId = '', security } } of operationsOf(document.paths)) {
    t.strictSame(security, optional(schemesOf(operationId)), `${operationId} without ADMIN_TOKEN`)
  }
  t.strictSame(document.security, [])
  const { bearer, basic } = document.components.securitySchemes
  t.match([bearer, basic], [{ type: 'http', scheme: 'bearer' }, { type: 'http', scheme: 'basic' }])
})

t.test('says where the service is, and its licence, and of nobody to contact', async (t) => {
  t.strictSame(document.servers.map(({ url }: { url: string }) => url), ['/'])
  t.match(document.info, { license: { name: 'MIT', identifier: 'MIT' } })
  t.notOk('contact' in document.info)
  const used = new Set(operationsOf(document.paths).flatMap(({ operation }) => operation.tags ?? []))
  t.strictSame(document.tags.map(({ name }: { name: string }) => name).toSorted(), [...used].toSorted())
  for (const { name, description } of document.tags) t.match(description, /^[A-Z].*\.$/, name)
})

t.test('its texts are sentences that a reader need not read twice', async (t) => {
  const texts = textsOf(document)
  t.ok(texts.length > 200)
  t.strictSame([...new Set(texts)].flatMap(offencesInDocument), [])
  for (const { route, operation } of operationsOf(document.paths))
    t.match(operation.summary, /^[A-Z][a-z].*[^.]$/, route)
})
