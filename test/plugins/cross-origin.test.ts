import t, { type Test } from 'tap'
import { beginPost, post, startApp } from '../app.ts'
import { printedRoutes } from '../printed-routes.ts'
import { startOpen } from '../routes/api/v1/setup.ts'

const ORIGIN = 'https://app.example.com'
const INGEST = ['/api/v1/events', '/api/v1/events/batch', '/api/v1/datastreams']
const EVENT = { type: 'x', payload: 1 }

const preflight = (origin: string, headers = 'content-type,x-event-priority') => ({
  origin, 'access-control-request-method': 'POST', 'access-control-request-headers': headers
})

function notGranted (t: Test, headers: object, claim: string): void {
  t.strictSame(Object.keys(headers).filter((name) => name.startsWith('access-control-')), [], claim)
}

t.test('grants nothing unless origins are configured', async (t) => {
  const { app } = await startApp(t)
  for (const url of INGEST) {
    notGranted(t, (await app.inject({ method: 'OPTIONS', url, headers: preflight(ORIGIN) })).headers, url)
    notGranted(t, (await app.inject({ method: 'POST', url, headers: { origin: ORIGIN }, payload: EVENT })).headers, url)
  }
})

t.test('lets pages of its origins post events, and nothing else', async (t) => {
  const { app } = await startApp(t, { env: { CORS_ORIGINS: `${ORIGIN}, http://localhost:8080`, WEBHOOK_ALLOWED_ORIGINS: '*' } })
  for (const url of [...INGEST, '/api/v1/events/', '/api/v1/events?x=1']) {
    const answer = await app.inject({ method: 'OPTIONS', url, headers: preflight(ORIGIN, 'Content-Type, x-evil,CE-id, ce-a b, authorization') })
    t.match(answer, {
      statusCode: 204,
      headers: {
        vary: 'origin', 'access-control-allow-origin': ORIGIN, 'access-control-allow-methods': 'POST', 'access-control-max-age': '600',
        'access-control-allow-headers': 'content-type, ce-id, authorization'
      }
    }, url)
    t.notOk(answer.headers['access-control-allow-credentials'])
  }
  const stored = await post(app, EVENT, { origin: ORIGIN })
  t.match(stored, { statusCode: 202, headers: { 'access-control-allow-origin': ORIGIN, vary: 'origin', 'access-control-expose-headers': /retry-after/ } })
  const invalid = await post(app, { type: 'x' }, { origin: 'http://localhost:8080' })
  t.match(invalid, { statusCode: 400, headers: { 'access-control-allow-origin': 'http://localhost:8080' } })
  for (const origin of ['https://evil.example', `${ORIGIN}.evil.example`, 'null', 'https://app.example.com:444', '']) {
    const answer = await app.inject({ method: 'OPTIONS', url: '/api/v1/events', headers: preflight(origin) })
    t.match(answer, { statusCode: 403, headers: { vary: 'origin' } }, origin)
    notGranted(t, answer.headers, origin)
    notGranted(t, (await post(app, EVENT, { origin })).headers, origin)
  }
  const handshake = await app.inject({ method: 'OPTIONS', url: '/api/v1/events', headers: { 'webhook-request-origin': 'a.example' } })
  t.match(handshake, { statusCode: 200, headers: { 'webhook-allowed-origin': '*' } })
  for (const { methods, path } of printedRoutes(app).filter(({ path }) => !INGEST.includes(path) && !path.includes('*'))) {
    for (const method of methods.filter((method) => method !== 'OPTIONS')) {
      const url = path.replaceAll(/:\w+/g, 'x')
      const headers = { ...preflight(ORIGIN), 'access-control-request-method': method }
      notGranted(t, (await app.inject({ method: 'OPTIONS', url, headers })).headers, `${method} ${path}`)
    }
  }
  notGranted(t, (await app.inject({ url: '/api/v1/events', headers: { origin: ORIGIN } })).headers, 'GET of the same path')
})

t.test('a page can read a refusal that comes before its body', async (t) => {
  const { app } = await startOpen(t, { CORS_ORIGINS: '*' })
  const { end, answer } = await beginPost(t, app, '/api/v1/events', {
    origin: ORIGIN, 'content-type': 'application/json', 'content-length': '2', 'x-event-priority': '9'
  })
  end()
  t.match(await answer, { statusCode: 503, headers: { 'access-control-allow-origin': '*', 'retry-after': /\d/ } })
})
