import t from 'tap'
import { beginPost, startApp } from '../app.ts'

const { app } = await startApp(t, { env: { ROLE: 'all' } })

t.test('a wrong method on a known path is 405, and Allow names the right ones', async (t) => {
  const table: [method: string, url: string, allow: string][] = [
    ['PUT', '/api/v1/events', 'GET, HEAD, OPTIONS, POST'],
    ['HEAD', '/api/v1/datastreams', 'OPTIONS, POST'],
    ['DELETE', '/api/v1/events/', 'GET, HEAD, OPTIONS, POST'],
    ['PUT', '/api/v1/events/batch?x=1', 'OPTIONS, POST'],
    ['POST', '/api/v1/events/some-id', 'GET, HEAD, OPTIONS'],
    ['GET', '/api/v1/datastreams', 'OPTIONS, POST'],
    ['POST', '/api/v1/health', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/api/v1/metrics/prometheus', 'GET, HEAD, OPTIONS'],
    ['GET', '/api/v1/metrics/backpressure/mode', 'OPTIONS, PUT'],
    ['POST', '/openapi.json', 'GET, HEAD, OPTIONS'],
    ['POST', '/dashboard', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/api/v1/events', 'GET, HEAD, OPTIONS, POST']
  ]
  for (const [method, url, allow] of table) {
    const answer = await app.inject({ method: method as 'GET', url })
    t.strictSame([answer.statusCode, answer.headers.allow], [405, allow], `${method} ${url}`)
    t.match(answer.headers['content-type'], 'application/problem+json')
    if (method === 'HEAD') continue
    const path = url.split('?', 1)[0]
    t.match(answer.json(), {
      type: 'urn:spillway:problem:method-not-allowed',
      status: 405,
      detail: `${path} does not support ${method}; use ${allow}`
    })
  }
})

t.test('every path answers OPTIONS with its methods, and HEAD where it has GET', async (t) => {
  for (const url of ['/api/v1/events', '/api/v1/health', '/dashboard', '/api/v1/workers/pause']) {
    const answer = await app.inject({ method: 'OPTIONS', url })
    t.strictSame([answer.statusCode, answer.body], [204, ''], url)
    t.match(answer.headers.allow, /OPTIONS/)
  }
  for (const url of ['/api/v1/health/liveness', '/api/v1/metrics/queue', '/dashboard', '/openapi.json']) {
    const answer = await app.inject({ method: 'HEAD', url })
    t.strictSame([answer.statusCode, answer.body], [200, ''], url)
  }
})

t.test('a path that nobody knows is 404, whatever the method', async (t) => {
  for (const method of ['GET', 'POST', 'OPTIONS', 'PUT'] as const) {
    for (const url of ['/nothing', '/api/v1/nothing', '/api/v2/events', '/api/v1/events/a/b']) {
      const answer = await app.inject({ method, url })
      t.equal(answer.statusCode, 404, `${method} ${url}`)
      t.match(answer.json(), {
        type: 'urn:spillway:problem:not-found',
        detail: `There is no ${method} ${url}; see /docs for all routes`
      })
    }
  }
  t.ok((await app.inject(`/${'x'.repeat(10_000)}`)).json().detail.length < 350, 'a long path is quoted in part')
  t.equal((await app.inject('/dashboard/nothing.js')).statusCode, 404, 'a file that is not there')
})

t.test('a process that is only a worker says that the API is another one', async (t) => {
  const { app: worker } = await startApp(t, { env: { ROLE: 'worker' } })
  const answer = await worker.inject({ method: 'POST', url: '/api/v1/events', payload: { type: 'a', payload: 1 } })
  t.equal(answer.statusCode, 404)
  t.match(
    answer.json().detail,
    /^There is no POST \/api\/v1\/events; this process is only a worker, send the request to the API/
  )
})

t.test('neither waits for the body', async (t) => {
  for (const [path, statusCode] of [['/nothing', 404], ['/api/v1/health', 405]] as const) {
    const request = await beginPost(t, app, path, { 'content-type': 'application/json', 'content-length': '2000000' })
    request.write('{"type":')
    t.match(await request.answer, { statusCode })
    request.hangUp()
  }
})
