import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { post, postBatch, startApp } from '../../../app.ts'
import { startOpen } from './setup.ts'

const ROUTES = join(import.meta.dirname, '../../../../routes')
const METHODS = ['get', 'post', 'put', 'delete', 'patch', 'head', 'options', 'trace']

interface Operation {
  tags?: string[]
  summary?: string
  parameters?: { name: string, in: string, schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description?: string, headers?: object, content?: Record<string, { schema: object }> }>
}

const { app } = await startApp(t)
const document = (await app.inject('/openapi.json')).json()
const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>)
  .flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      method,
      path,
      operation
    }))
  )
const operationOf = (route: string) => operations.find((operation) => operation.route === route)?.operation
const ajv = new Ajv2020({ strict: false, validateFormats: false })

t.test('is an OpenAPI 3.1 document', async (t) => {
  t.equal((await app.inject('/openapi.json')).statusCode, 200)
  t.match(document, { openapi: /^3\.1\.\d+$/, info: { title: 'Spillway', version: /^\d+\.\d+\.\d+/ }, paths: Object })
  for (const path of Object.keys(document.paths))
    t.ok(path.startsWith('/') && !(path.length > 1 && path.endsWith('/')), path)
  const tags = new Set(document.tags.map(({ name }: { name: string }) => name))
  for (const { route, method, operation } of operations) {
    t.ok(METHODS.includes(method), route)
    t.ok(operation.summary, `${route} has a summary`)
    t.ok(
      operation.tags?.length === 1 && operation.tags.every((tag) => tags.has(tag)),
      `${route} has a tag that is described`
    )
    for (const [status, { description }] of Object.entries(operation.responses)) {
      t.match(status, /^([1-5]\d\d|default)$/, route)
      t.type(description, 'string', `${route} ${status}`)
    }
  }
  t.notMatch(JSON.stringify(document), /"nullable":|"\$id":/, 'has nothing of 3.0 or of another dialect')
})

t.test('describes every route', async (t) => {
  const folders = (await readdir(ROUTES, { recursive: true })).filter((file) => file.endsWith('/index.ts')).map((
    file
  ) => `/${file.slice(0, -'/index.ts'.length).replaceAll(/(?<=\/)_(\w+)/g, '{$1}')}`)
  t.ok(folders.length >= 9)
  t.strictSame([...new Set(operations.map(({ path }) => path.replace(/\/$/, '')))].toSorted(), folders.toSorted())
  const contract = [
    'POST /api/v1/events',
    'POST /api/v1/events/batch',
    'GET /api/v1/events/{id}',
    'POST /api/v1/datastreams',
    'GET /api/v1/health',
    'GET /api/v1/health/readiness',
    'GET /api/v1/health/liveness',
    'GET /api/v1/metrics/queue',
    'GET /api/v1/metrics/queue/summary',
    'GET /api/v1/metrics/prometheus',
    'POST /api/v1/metrics/backpressure/reset',
    'GET /api/v1/metrics/ledger',
    'POST /api/v1/metrics/ledger/rebase',
    'PUT /api/v1/metrics/backpressure/mode',
    'POST /api/v1/workers/pause',
    'POST /api/v1/workers/resume',
    'GET /api/v1/dashboard/stream'
  ]
  const described = operations.map(({ route }) => route.replace(/\/$/, ''))
  t.strictSame(contract.filter((route) => !described.includes(route)), [])
})

t.test('every schema in it is a JSON Schema', async (t) => {
  for (const { route, operation } of operations) {
    const contents = [
      operation.requestBody?.content,
      ...Object.values(operation.responses).map(({ content }) => content)
    ]
    const schemas = [...contents.flatMap((content) => Object.values(content ?? {})), ...operation.parameters ?? []].map(
      ({ schema }) => schema
    )
    for (const schema of schemas) t.doesNotThrow(() => ajv.compile(schema), route)
  }
})

t.test('tells how events may be posted and refused', async (t) => {
  const bodies = {
    '/api/v1/events': ['application/cloudevents+json', 'application/json'],
    '/api/v1/events/batch': [
      'application/cloudevents-batch+json',
      'application/json',
      'application/jsonl',
      'application/ndjson',
      'application/x-ndjson'
    ],
    '/api/v1/datastreams': ['application/json']
  }
  for (const [path, types] of Object.entries(bodies)) {
    const operation = operations.find((operation) => operation.path.replace(/\/$/, '') === path)?.operation
    t.strictSame(Object.keys(operation?.requestBody?.content ?? {}).toSorted(), types, path)
    t.ok(operation?.parameters?.some(({ name, in: place }) => name === 'x-event-priority' && place === 'header'), path)
    for (const status of ['400', '413', '415', '503'])
      t.ok(operation?.responses[status]?.content?.['application/problem+json'], `${path} ${status}`)
    t.ok(
      operation?.responses['503']?.headers && 'Retry-After' in operation.responses['503'].headers,
      `${path} says when to come back`
    )
  }
})

t.test('answers are as it says', async (t) => {
  const { app: open } = await startOpen(t)
  const event = { type: 'x', payload: 1 }
  const answers = [
    ['POST /api/v1/events/', await post(app, event)],
    ['POST /api/v1/events/', await post(app, {})],
    ['POST /api/v1/events/', await post(app, '{')],
    ['POST /api/v1/events/', await post(app, 'x', { 'content-type': 'text/plain' })],
    ['POST /api/v1/events/', await post(open, event)],
    ['POST /api/v1/events/batch/', await postBatch(app, [event])],
    ['POST /api/v1/events/batch/', await postBatch(app, [event, {}])],
    ['POST /api/v1/events/batch/', await postBatch(app, [{}])],
    ['POST /api/v1/events/batch/', await postBatch(open, [event, event])],
    ['POST /api/v1/events/batch/', await postBatch(open, [event, { ...event, priority: 1 }])],
    [
      'POST /api/v1/datastreams/',
      await app.inject({ method: 'POST', url: '/api/v1/datastreams', payload: { deviceId: 'd', values: { a: 1 } } })
    ],
    ['GET /api/v1/events/{id}/', await app.inject(`/api/v1/events/${(await post(app, event)).json().id}`)],
    ['GET /api/v1/events/{id}/', await app.inject('/api/v1/events/nobody')],
    ['GET /api/v1/events/{id}/', await app.inject('/api/v1/events/x?source=')],
    ['GET /api/v1/health/', await app.inject('/api/v1/health')],
    ['GET /api/v1/health/readiness/', await app.inject('/api/v1/health/readiness')],
    ['GET /api/v1/health/liveness/', await app.inject('/api/v1/health/liveness')],
    ['GET /api/v1/metrics/queue/', await open.inject('/api/v1/metrics/queue')],
    ['GET /api/v1/metrics/queue/summary/', await open.inject('/api/v1/metrics/queue/summary')],
    [
      'POST /api/v1/metrics/backpressure/reset/',
      await app.inject({ method: 'POST', url: '/api/v1/metrics/backpressure/reset' })
    ],
    [
      'PUT /api/v1/metrics/backpressure/mode/',
      await app.inject({ method: 'PUT', url: '/api/v1/metrics/backpressure/mode', payload: { mode: null } })
    ],
    [
      'PUT /api/v1/metrics/backpressure/mode/',
      await app.inject({ method: 'PUT', url: '/api/v1/metrics/backpressure/mode', payload: { mode: 'off' } })
    ],
    ['POST /api/v1/workers/pause/', await app.inject({ method: 'POST', url: '/api/v1/workers/pause' })],
    ['POST /api/v1/workers/resume/', await app.inject({ method: 'POST', url: '/api/v1/workers/resume' })]
  ] as const
  for (const [route, answer] of answers) {
    const response = (operationOf(route) ?? operationOf(route.slice(0, -1)))?.responses[answer.statusCode]
    const type = String(answer.headers['content-type']).split(';', 1)[0] as string
    const schema = response?.content?.[type]?.schema
    t.ok(schema, `${route} may answer ${answer.statusCode} ${type}`)
    const accepts = ajv.compile(schema ?? false)
    t.ok(accepts(answer.json()), `${route} ${answer.statusCode} ${JSON.stringify(accepts.errors)}`)
  }
})

t.test('the page at /docs comes whole from this process', async (t) => {
  const redirect = await app.inject('/docs')
  const location = redirect.statusCode === 301 ? String(redirect.headers.location ?? '/docs/') : '/docs'
  const page = await app.inject(location)
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], 'text/html')
  const html = page.body.replaceAll(/<!--.*?-->/gs, '').replaceAll(/xmlns(:\w+)?="[^"]*"/g, '')
  t.notMatch(html, /https?:\/\/|["'(]\/\//, 'names no other host')
  const references = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, reference]) => reference as string)
  t.ok(references.length > 0)
  for (const reference of references) {
    const { pathname } = new URL(reference, `http://localhost${location}`)
    t.equal((await app.inject(pathname)).statusCode, 200, `${reference} is here`)
  }
  t.match((await app.inject('/docs/js/start.js')).body, '"url":"/openapi.json"')
})
