import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { startWithAdminPort } from '../admin-port.ts'
import { startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { printedRoutes } from '../printed-routes.ts'
import { exchangeHead } from '../../rig/exchange-head.ts'
import { startRedis } from '../../rig/redis.ts'

const TOKEN = 'a token of operators'
const ENV = { WEBHOOK_ALLOWED_ORIGINS: '*', CORS_ORIGINS: 'https://app.example' }
const EVENT = { type: 'x', payload: 1 }

/** The routes of PORT. ADMIN_PORT has all others, and those of BOTH. */
const MAIN = new Set([
  'POST /api/v1/events', 'POST /api/v1/events/batch', 'POST /api/v1/datastreams', 'OPTIONS /api/v1/events',
  'OPTIONS /api/v1/events/batch'
])
const BOTH = new Set([
  'GET /api/v1/events/:id', 'HEAD /api/v1/events/:id', 'GET /api/v1/health/liveness', 'HEAD /api/v1/health/liveness',
  'GET /api/v1/health/readiness', 'HEAD /api/v1/health/readiness'
])

/** Something that is there in the place of a wildcard. */
const FILES: Record<string, string> = { '/dashboard/*': '/dashboard/main.js' }

const redis = await startRedis(t)
const post = (url: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body)
  })

function requestsOf (app: FastifyInstance): { method: string, route: string, path: string }[] {
  return printedRoutes(app).flatMap(({ methods, path }) =>
    methods.map((method) => ({
      method, route: `${method} ${path}`, path: (FILES[path] ?? path).replaceAll(/:\w+|\*/g, 'x')
    })))
}

t.test('each route is on its port, and on the other one as unknown as any path', async (t) => {
  const { app } = await startApp(t, { redis, env: ENV })
  const requests = requestsOf(app)
  t.ok(requests.length > 60)
  const routes = new Set(requests.map(({ route }) => route))
  for (const route of [...MAIN, ...BOTH]) t.ok(routes.has(route), `${route} exists`)
  const { spillway, url, adminUrl } = await startWithAdminPort(t, redis, ENV)
  t.equal(spillway.hasAdminPort, true)
  for (const [port, base, isServed] of [
    ['PORT', url, (route: string) => MAIN.has(route) || BOTH.has(route)],
    ['ADMIN_PORT', adminUrl, (route: string) => !MAIN.has(route)]
  ] as const) {
    const known = new Map<string, string[]>()
    for (const { method, path } of requests.filter(({ route }) => isServed(route))) {
      known.set(path, [...known.get(path) ?? [], method])
    }
    for (const { method, route, path } of requests) {
      const { status, detail } = await exchangeHead(base, method, path)
      if (isServed(route)) {
        // An answer to HEAD has no detail, and the routes for GET and HEAD are the same.
        t.notOk(status === 405 || /^There is no [A-Z]+ \//.test(detail), `${port} has ${route}: ${status} ${detail}`)
        continue
      }
      // POST /api/v1/events/batch is a path of receipts too.
      const isPathKnown = known.has(path) || /^\/api\/v1\/events\/[^/]+$/.test(path)
      const other = await exchangeHead(base, method, '/none-at-all')
      if (method === 'OPTIONS') t.equal(status, isPathKnown ? 204 : other.status, `${port} has no ${route}`)
      else if (isPathKnown) t.equal(status, 405, `${port} has ${path}, and not ${method}`)
      else {
        t.strictSame(
          { status, detail }, { status: 404, detail: other.detail.replace('/none-at-all', path) }, `${port} has no ${route}`
        )
      }
    }
  }
})

t.test('the answer to an unknown path names the other port', async (t) => {
  const { url, adminUrl } = await startWithAdminPort(t, redis)
  const detailAt = async (base: string, path: string) => (await exchangeHead(base, 'GET', path)).detail
  t.match(await detailAt(url, '/dashboard'), /GET \/dashboard here; .*ADMIN_PORT has the routes for operators$/)
  t.match(await detailAt(adminUrl, '/none'), /GET \/none here; PORT accepts events, and \/docs has all routes$/)
})

t.test('an event is posted at PORT, and its receipt, payload and figures are at ADMIN_PORT', async (t) => {
  const { url, adminUrl } = await startWithAdminPort(t, redis)
  const { id } = await (await post(url, '/api/v1/events', { ...EVENT, id: 'of-both-ports' })).json() as { id: string }
  for (const base of [url, adminUrl]) t.equal((await fetch(`${base}/api/v1/events/${id}`)).status, 200)
  t.match(await (await fetch(`${adminUrl}/api/v1/events?limit=1`)).json(), { events: [{ id }] })
  t.match(await (await fetch(`${adminUrl}/api/v1/events/${id}/payload`)).json(), { payload: 1 })
  const refused = await post(adminUrl, '/api/v1/events', EVENT)
  t.match([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD, OPTIONS'])
  t.match(await refused.json(), { detail: '/api/v1/events does not support POST here; PORT does' })
  t.equal((await fetch(`${url}/api/v1/events?limit=1`)).headers.get('allow'), 'OPTIONS, POST')
  t.match(await (await fetch(`${adminUrl}/api/v1/metrics/prometheus`)).text(), /^spillway_connections_max /m)
  t.match(await (await fetch(adminUrl, { redirect: 'manual' })).headers.get('location'), /\/dashboard$/)
})

t.test('the API document of ADMIN_PORT says that events go to PORT', async (t) => {
  const { adminUrl } = await startWithAdminPort(t, redis, { PORT: '3456' })
  const { paths } = await (await fetch(`${adminUrl}/openapi.json`)).json() as { paths: Record<string, any> }
  for (const path of ['/api/v1/events', '/api/v1/events/batch', '/api/v1/datastreams']) {
    t.match(paths[path].post.servers, [{ url: 'http://{host}:{port}', variables: { port: { default: '3456' } } }], path)
  }
  t.notOk(paths['/api/v1/events'].get.servers)
  t.notOk(paths['/api/v1/events/{id}'].get.servers)
})

t.test('pages of other origins may post at PORT and get no grant at ADMIN_PORT', async (t) => {
  const { url, adminUrl } = await startWithAdminPort(t, redis, ENV)
  const grantAt = async (base: string) => {
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
    return (await fetch(`${base}/api/v1/events`, { method: 'OPTIONS', headers })).headers.get('access-control-allow-origin')
  }
  t.strictSame([await grantAt(url), await grantAt(adminUrl)], ['https://app.example', null])
})

t.test('producers beyond loopback change nothing for operators on loopback', async (t) => {
  const { lines, log } = capturedLog('info')
  const { url, adminUrl } = await startWithAdminPort(t, redis, { HOST: '0.0.0.0', ALLOW_ANONYMOUS_PRODUCERS: 'true' }, log)
  t.equal((await post(url, '/api/v1/events', EVENT)).status, 202)
  const reset = '/api/v1/metrics/backpressure/reset'
  const { status, detail } = await exchangeHead(adminUrl, 'POST', reset, { host: 'rebound.example' })
  t.match([status, detail], [403, /under the name localhost or a loopback address/])
  t.equal((await post(adminUrl, reset, {})).status, 200)
  t.notOk(lines.some(({ event }) => event === 'operator-routes-open'))
})

t.test('operators beyond loopback need a secret, and producers on loopback none', async (t) => {
  const beyond = { ADMIN_HOST: '0.0.0.0' }
  await t.rejects(startWithAdminPort(t, redis, beyond), {
    message: /^ADMIN_HOST=0\.0\.0\.0 is beyond loopback.*: set ADMIN_TOKEN/
  })
  const { url, adminUrl } = await startWithAdminPort(t, redis, { ...beyond, ADMIN_TOKEN: TOKEN })
  t.match(adminUrl, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal((await post(url, '/api/v1/events', EVENT)).status, 202)
  const statusOf = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${adminUrl}${path}`, { headers })).status
  const paths = ['/api/v1/metrics/queue', '/api/v1/dead-letters', '/dashboard', '/docs', '/api/v1/metrics/prometheus']
  for (const path of paths) {
    t.equal(await statusOf(path), 401, path)
    t.equal(await statusOf(path, { authorization: `Bearer ${TOKEN}` }), 200, path)
  }
  t.equal(await statusOf('/api/v1/health/liveness'), 200)
  t.equal((await fetch(`${url}/api/v1/events/unknown`)).status, 404, 'a receipt at PORT is judged by PORT')
  t.equal(await statusOf('/api/v1/events/unknown'), 401, 'and one at ADMIN_PORT by ADMIN_PORT')
})

t.test('operators beyond loopback without a secret are warned of', async (t) => {
  const { lines, log } = capturedLog('info')
  await startWithAdminPort(t, redis, { ADMIN_HOST: '0.0.0.0', ALLOW_ANONYMOUS_PRODUCERS: 'true' }, log)
  t.match(lines.find(({ event }) => event === 'operator-routes-open'), { level: 40, host: '0.0.0.0' })
})

t.test('without ADMIN_PORT no route has a constraint', async (t) => {
  const { app } = await startApp(t, { redis })
  t.equal(app.hasAdminPort, false)
  t.equal(app.hasConstraintStrategy('port'), false)
  t.equal(app.bindings.main, app.bindings.admin)
})
