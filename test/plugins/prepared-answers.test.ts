import t from 'tap'
import { startApp } from '../app.ts'

const PATHS = ['/openapi.json', '/docs/js/scalar.js', '/dashboard', '/dashboard/main.js', '/dashboard/vendor/uplot.css']

t.test('what never changes is sent with its length and its ETag, and to nobody twice', async (t) => {
  const { app } = await startApp(t)
  for (const path of PATHS) {
    const first = await app.inject(path)
    t.equal(first.statusCode, 200, path)
    const { etag, 'content-type': type, 'content-length': length } = first.headers
    t.match(etag, /^"[\w-]{43}"$/, path)
    const second = await app.inject(path)
    t.ok(second.rawPayload.equals(first.rawPayload), path)
    t.match(second.headers, { etag, 'content-type': type, 'content-length': length }, path)
    t.equal(Number(length), first.rawPayload.length, path)
    const known = await app.inject({ url: path, headers: { 'if-none-match': etag as string } })
    t.match(known, { statusCode: 304, body: '', headers: { etag } }, path)
    t.equal((await app.inject({ url: path, headers: { 'if-none-match': '"other"' } })).statusCode, 200, path)
    const head = await app.inject({ url: path, method: 'HEAD' })
    t.match(head, { statusCode: 200, body: '', headers: { 'content-length': length } }, path)
  }
})

t.test('the page of metrics is made at most once a second', async (t) => {
  const { app } = await startApp(t)
  let made = 0
  const { metricsRegistry } = app
  const metrics = metricsRegistry.metrics.bind(metricsRegistry)
  metricsRegistry.metrics = async () => {
    made++
    return await metrics()
  }
  const startedAt = performance.now()
  const pages = await Promise.all(Array.from({ length: 200 }, () => app.inject('/api/v1/metrics/prometheus')))
  t.ok(pages.every(({ body }) => body.includes('spillway_connections_max')))
  t.ok(made <= 1 + (performance.now() - startedAt) / 1_000, `made ${made} times`)
})
