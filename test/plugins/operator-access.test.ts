import t from 'tap'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { eventually } from '../../rig/eventually.ts'
import { printedRoutes } from '../printed-routes.ts'
import { startRedis } from '../../rig/redis.ts'

const TOKEN = 'a token of operators'
const RESET = '/api/v1/metrics/backpressure/reset'
const DEAD_LETTERS = '/api/v1/dead-letters'
/** To delete it is as much an action as any, and takes no time. */
const NO_DEAD_LETTER = `${DEAD_LETTERS}/none`

/** Routes by which producers post; a page of another site may do that, as anybody may. */
const INTAKE = /^\/api\/v1\/(events(\/batch)?|datastreams)$/
/** Routes that show what only operators may see. */
const SHOWN_TO_OPERATORS =
  /^\/(api\/v1\/(dead-letters|dashboard|fleet|keys|organizations|settings|metrics\/ledger|events\/:id\/payload)|admin)(\/|$)/
/** The list of the latest events, where producers post theirs. */
const LATEST = '/api/v1/events'

const OTHER_SITE = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
const BEARER = { authorization: `Bearer ${TOKEN}` }
const BASIC = { authorization: `Basic ${Buffer.from(`anybody:${TOKEN}`).toString('base64')}` }

const redis = await startRedis(t)

function isForOperators (method: string, path: string): boolean {
  const isReading = ['GET', 'HEAD'].includes(method)
  return SHOWN_TO_OPERATORS.test(path) || (isReading ? path === LATEST : !INTAKE.test(path))
}

/** Method and path of every route, with something in place of its parameters. */
function requestsOf (app: FastifyInstance): { method: 'GET', route: string, url: string, isForOperators: boolean }[] {
  return printedRoutes(app).flatMap(({ methods, path }) =>
    methods.map((method) => ({
      method: method as 'GET',
      route: `${method} ${path}`,
      url: path.replaceAll(/:\w+|\*/g, 'x'),
      isForOperators: isForOperators(method, path)
    }))
  )
}

async function ask (app: FastifyInstance, options: InjectOptions) {
  const response = await app.inject(options)
  const { type = '', detail = '' } = response.headers['content-type']?.toString().startsWith('application/problem+json')
    ? response.json<Record<string, string>>()
    : {}
  return {
    statusCode: response.statusCode,
    problem: type.replace('urn:spillway:problem:', ''),
    detail,
    headers: response.headers
  }
}

t.test('with ADMIN_TOKEN', async (t) => {
  const { lines, log } = capturedLog('info')
  const { app } = await startApp(t, { env: { ADMIN_TOKEN: TOKEN, ROLE: 'all' }, redis, log })

  await t.test('every route that changes something or shows payloads is for operators, whatever it is', async (t) => {
    const requests = requestsOf(app).filter((request) => request.isForOperators)
    t.ok(requests.length > 15)
    for (const { method, url, route } of requests) {
      t.equal(
        (await app.inject({ method, url, headers: { ...OTHER_SITE, ...BEARER } })).statusCode,
        403,
        `${route} from another site`
      )
      t.equal((await app.inject({ method, url })).statusCode, 401, `${route} without the token`)
    }
  })

  await t.test('all else is open', async (t) => {
    const requests = requestsOf(app).filter((request) => !request.isForOperators)
    const routes = requests.map(({ route }) => route)
    for (
      const route of [
        'POST /api/v1/events',
        'POST /api/v1/events/batch',
        'POST /api/v1/datastreams',
        'GET /api/v1/health',
        'GET /api/v1/metrics/prometheus'
      ]
    ) t.ok(routes.includes(route), route)
    for (const { method, url, route } of requests) {
      const { statusCode } = await app.inject({ method, url, headers: OTHER_SITE })
      t.notOk([401, 403].includes(statusCode), `${route} answers ${statusCode}`)
    }
  })

  await t.test('the token is taken as bearer token and as password', async (t) => {
    t.equal((await ask(app, { url: DEAD_LETTERS, headers: BEARER })).statusCode, 200)
    t.equal((await ask(app, { url: DEAD_LETTERS, headers: BASIC })).statusCode, 200)
    t.equal((await ask(app, { method: 'DELETE', url: NO_DEAD_LETTER, headers: BEARER })).statusCode, 404)
    t.match(await ask(app, { url: DEAD_LETTERS, headers: { authorization: `Bearer ${TOKEN}s` } }), {
      statusCode: 401,
      problem: 'unauthorized'
    })
  })

  await t.test('only who opens a page is asked for a password', async (t) => {
    const challenge = async (headers: Record<string, string>) =>
      (await ask(app, { url: '/admin/queues', headers })).headers['www-authenticate']
    t.equal(await challenge({ accept: 'text/html,*/*' }), 'Basic realm="Spillway"')
    t.equal(
      await challenge({ accept: '*/*', 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }),
      'Basic realm="Spillway"'
    )
    t.equal(
      await challenge({ accept: 'text/html', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }),
      'Bearer realm="Spillway"'
    )
    t.equal(await challenge({ accept: 'application/json' }), 'Bearer realm="Spillway"')
    t.equal(await challenge({}), 'Bearer realm="Spillway"')
  })

  await t.test('the name of the host does not matter', async (t) => {
    t.equal((await ask(app, { url: DEAD_LETTERS, headers: { ...BEARER, host: 'spillway.example' } })).statusCode, 200)
  })

  await t.test('what operators see is not kept', async (t) => {
    t.match((await ask(app, { url: DEAD_LETTERS, headers: BEARER })).headers, {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff'
    })
  })

  await t.test('OpenAPI says so', async (t) => {
    const { paths, components } = (await app.inject('/openapi.json')).json()
    t.match(components.securitySchemes, {
      bearer: { type: 'http', scheme: 'bearer' },
      basic: { type: 'http', scheme: 'basic' }
    })
    const { security, responses } = paths[RESET].post
    t.strictSame(security, [{ bearer: [] }, { apiKey: [] }, { basic: [] }])
    t.ok(responses['401'].content['application/problem+json'])
    t.ok(responses['403'].content['application/problem+json'])
    t.strictSame(paths['/api/v1/events'].post.security, [{}, { bearer: [] }, { apiKey: [] }])
  })

  await t.test('the log tells what operators did, and of refusals that there were some, without the token', async (t) => {
    t.match(lines.filter(({ event }) => event === 'operator-action'), [{
      method: 'DELETE',
      path: NO_DEAD_LETTER,
      statusCode: 404,
      key: 'admin-token'
    }])
    const reasons = lines.filter(({ event }) => /^(operator|producer)-refused$/.test(String(event))).map(({ reason }) => reason)
    t.strictSame(reasons.toSorted(), ['cross-site', 'missing', 'wrong'], 'each once, however many there were')
    t.notOk(JSON.stringify(lines).includes(TOKEN))
    t.notOk(lines.some(({ event }) => event === 'operator-routes-open'))
  })
})

t.test('without ADMIN_TOKEN, on loopback', async (t) => {
  const { lines, log } = capturedLog('info')
  const { app } = await startApp(t, { redis, log })

  await t.test('programs and our own pages get in', async (t) => {
    t.equal((await ask(app, { method: 'DELETE', url: NO_DEAD_LETTER })).statusCode, 404)
    t.equal(
      (await ask(app, {
        method: 'DELETE',
        url: NO_DEAD_LETTER,
        headers: { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' }
      })).statusCode,
      404
    )
    t.equal(
      (await ask(app, {
        url: DEAD_LETTERS,
        headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      })).statusCode,
      200,
      'by a link'
    )
    t.notOk(lines.some(({ event }) => event === 'operator-routes-open'))
  })

  await t.test('pages of other sites do not', async (t) => {
    t.match(await ask(app, { method: 'POST', url: RESET, headers: OTHER_SITE }), {
      statusCode: 403,
      problem: 'cross-site'
    })
    t.match(await ask(app, { method: 'POST', url: RESET, headers: { origin: 'http://evil.example' } }), {
      statusCode: 403,
      problem: 'cross-site'
    })
    t.match(await ask(app, { method: 'DELETE', url: `${DEAD_LETTERS}?all=true`, headers: { origin: 'null' } }), {
      statusCode: 403,
      problem: 'cross-site'
    })
  })

  await t.test('a name that resolves to loopback does not', async (t) => {
    const rebound = {
      host: 'rebound.example:3000',
      origin: 'http://rebound.example:3000',
      'sec-fetch-site': 'same-origin'
    }
    t.match(await ask(app, { url: DEAD_LETTERS, headers: rebound }), {
      statusCode: 403,
      problem: 'foreign-host',
      detail: /ADMIN_TOKEN/
    })
    t.equal((await app.inject({ url: '/api/v1/health/liveness', headers: rebound })).statusCode, 200)
  })

  await t.test('a body is small, unless its route takes more', async (t) => {
    const payload = JSON.stringify({ ids: Array.from({ length: 2_000 }, () => 'x') })
    const headers = { 'content-type': 'application/json' }
    t.match(await ask(app, { method: 'POST', url: RESET, headers, payload }), {
      statusCode: 413,
      problem: 'body-too-large'
    })
    t.not((await ask(app, { method: 'POST', url: `${DEAD_LETTERS}/replay`, headers, payload })).statusCode, 413)
  })

  await t.test('OpenAPI asks for no token', async (t) => {
    const { paths } = (await app.inject('/openapi.json')).json()
    const { security, responses } = paths[RESET].post
    t.strictSame(security, [{}, { bearer: [] }, { apiKey: [] }, { basic: [] }], 'none will do; a client learns how to present one')
    t.ok(responses['403'])
  })

  await t.test('a form of another site is refused on a real socket, its body unread', async (t) => {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path: RESET,
      method: 'POST',
      agent: false,
      headers: {
        origin: 'http://evil.example',
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': 1_000_000
      }
    })
    t.teardown(() => {
      outgoing.destroy()
    })
    outgoing.on('error', () => {})
    const answered = new Promise((resolve) => {
      outgoing.on('response', ({ statusCode }) => resolve(statusCode))
    })
    outgoing.flushHeaders()
    t.equal(await answered, 403)
  })
})

t.test('without ADMIN_TOKEN, where others reach it, the start says so', async (t) => {
  const { lines, log } = capturedLog('warn')
  const { app } = await startApp(t, { env: { HOST: '0.0.0.0', ALLOW_ANONYMOUS_PRODUCERS: 'true' }, redis, log })
  const warning = await eventually(
    'the start says so',
    () => lines.find(({ event }) => event === 'operator-routes-open')
  )
  t.match(warning, { level: 40, host: '0.0.0.0', msg: /ADMIN_TOKEN/ })
  t.equal((await ask(app, { url: DEAD_LETTERS, headers: { host: 'spillway.example' } })).statusCode, 200)
  t.match(await ask(app, { url: DEAD_LETTERS, headers: OTHER_SITE }), { statusCode: 403, problem: 'cross-site' })
})

t.test('a process that is only a worker has no such routes and says nothing', async (t) => {
  const { lines, log } = capturedLog('warn')
  const { app } = await startApp(t, { env: { HOST: '0.0.0.0', ROLE: 'worker' }, redis, log })
  t.strictSame(requestsOf(app).filter((request) => request.isForOperators), [])
  t.notOk(lines.some(({ event }) => event === 'operator-routes-open'))
})
