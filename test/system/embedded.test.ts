import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BUSY_MACHINE } from '../../rig/busy-machine.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { makeFolder } from '../../rig/folder.ts'
import { startChild, type Child } from '../../rig/process/child.ts'
import { rawConnection } from '../../rig/raw-connection.ts'
import { startRedis } from '../../rig/redis.ts'

const HOST = join(import.meta.dirname, 'embedding-host.ts')

/** Starts the host with a Spillway below each of these paths, of an environment each. */
async function startHost (
  t: Test,
  environments: Record<string, Record<string, string>>
): Promise<{ host: Child, url: string }> {
  const host = startChild({
    command: process.execPath,
    args: [HOST, JSON.stringify(environments)],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  t.teardown(() => host.stop())
  const [url] = await Promise.race([
    once(host.child, 'message'),
    host.exited.then(({ code }) => { throw new Error(`the host ended with code ${code}`) })
  ])
  return { host, url }
}

async function startTwo (t: Test, keys: (folder: string) => Record<string, string>) {
  const folder = await makeFolder(t)
  const [one, two] = [await startConsumer(t), await startConsumer(t)]
  const of = (namespace: string, consumer: typeof one) =>
    ({ ...BUSY_MACHINE, NAMESPACE: namespace, DELIVERY_URL: consumer.url, JOB_BROWSER: 'read-only', ...keys(folder) })
  const started = await startHost(t, { '/one': of('one', one), '/nested/two': of('two', two) })
  return { ...started, one, two }
}

/** Has the host close; nothing ends its process but that nothing is left to do. */
async function close ({ child, exited }: Child): Promise<number | null> {
  child.send('close')
  return (await exited).code
}

const JSON_HEADERS = { 'content-type': 'application/json' }

async function ask (url: string, init?: RequestInit) {
  const answer = await fetch(url, { redirect: 'manual', ...init })
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    location: answer.headers.get('location'),
    text: await answer.text()
  }
}

async function post (url: string, type: string) {
  const { status, text } = await ask(`${url}/api/v1/events`, {
    method: 'POST',
    headers: JSON_HEADERS,
    body: JSON.stringify({ type, payload: { n: 1 } })
  })
  return { status, ...JSON.parse(text) }
}

t.test('two Spillways in one app have their own events, consumers, metrics and pages, and the app keeps its own', async (t) => {
  const redis = await startRedis(t)
  const { host, url, one, two } = await startTwo(t, (folder) => ({ REDIS_URL: redis.url, DATA_DIR: folder }))
  const [first, second] = [`${url}/one`, `${url}/nested/two`]
  const typesOf = (consumer: typeof one) =>
    consumer.calls.flatMap(({ body }) => JSON.parse(body).map((event: { type: string }) => event.type))
  await eventually(
    'both know their queues',
    async () =>
      (await Promise.all([first, second].map((root) => ask(`${root}/api/v1/health/readiness`)))).every(({ status }) =>
        status === 200
      )
  )

  await t.test('events reach the consumer of their own', async (t) => {
    t.match(await post(first, 'for-one'), { status: 'accepted', type: 'for-one', durability: 'queued' })
    t.match(await post(second, 'for-two'), { status: 'accepted' })
    t.match(await post(second, 'for-two'), { status: 'accepted' })
    await eventually('all are delivered', () => one.calls.length > 0 && typesOf(two).length === 2)
    t.strictSame([typesOf(one), typesOf(two)], [['for-one'], ['for-two', 'for-two']])
  })

  await t.test('metrics do not mix, and are named as without a prefix', async (t) => {
    const durations =
      /^http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/events",status_code="202"\} (\d+)$/m
    for (const [root, count] of [[first, '1'], [second, '2']] as const) {
      await eventually(
        'they are counted',
        async () => durations.exec((await ask(`${root}/api/v1/metrics/prometheus`)).text)?.[1] === count
      )
    }
    const { text } = await ask(`${url}/metrics`)
    t.strictSame(text.match(/^# TYPE .*$/gm), ['# TYPE host_gauge gauge'])
  })

  await t.test('the app has its own routes, parsers and handlers', async (t) => {
    t.equal((await ask(url)).text, 'host: home')
    t.equal(
      (await ask(`${url}/echo`, { method: 'POST', headers: JSON_HEADERS, body: '[  1]' })).text,
      'host: {"raw":"[  1]"}'
    )
    t.match(await ask(`${url}/fails`), { status: 418, text: 'host: broken' })
    t.match(await ask(`${url}/api/v1/health`), { status: 404, text: 'host: nothing here' })
    t.match(await ask(`${url}/nested/nothing`), { status: 404, text: 'host: nothing here' })
  })

  await t.test('each answers all below its own path', async (t) => {
    for (const [root, path] of [[first, '/one'], [second, '/nested/two']] as const) {
      t.match(await ask(`${root}/nothing`), {
        status: 404,
        type: /^application\/problem\+json/,
        text: new RegExp(`see ${path}/docs for all routes`)
      })
      t.match(await ask(`${root}/api/v1/events`, { method: 'PUT' }), { status: 405 })
      t.match(await ask(`${root}/api/v1/events`, { method: 'POST', headers: JSON_HEADERS, body: '{' }), {
        status: 400,
        text: /not valid JSON/
      })
      t.match(JSON.parse((await ask(`${root}/api/v1/metrics/queue/summary`)).text), { circuitState: 'CLOSED' })
      t.match(await ask(root), { status: 302, location: `${path}/dashboard` })
      t.match(await ask(`${root}/dashboard/`), { status: 302, location: `${path}/dashboard` })
      t.match(await ask(`${root}/api/v1/events?limit=x`), { status: 400, text: /invalid-query|limit/ })
    }
  })

  await t.test('pages, documents and links hold below the path', async (t) => {
    for (const [root, path] of [[first, '/one'], [second, '/nested/two']] as const) {
      const page = await ask(`${root}/dashboard`)
      const links = [...page.text.matchAll(/(?:href|src)="([^#"]+)"/g)].map(([, link]) =>
        new URL(link as string, `${root}/dashboard`).href
      )
      t.ok(links.length > 10)
      for (const link of links) {
        t.ok(link.startsWith(root), link)
        t.not((await ask(link)).status, 404, link)
      }
      const reference = await ask(`${root}/docs/`)
      const scripts = [...reference.text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) =>
        new URL(link as string, root).href
      )
      t.equal(scripts.length, 3)
      for (const link of scripts) t.equal((await ask(link)).status, 200, link)
      t.match((await ask(`${root}/docs/js/start.js`)).text, `"url":"${path}/openapi.json"`)
      const { servers, paths } = JSON.parse((await ask(`${root}/openapi.json`)).text)
      t.strictSame(servers.map((server: { url: string }) => server.url), [path])
      t.strictSame(Object.keys(paths).slice(0, 2), ['/api/v1/events', '/api/v1/events/batch'])
      t.strictSame(Object.keys(paths).filter((each) => !each.startsWith('/api/v1/')), [])
      t.equal((await ask(`${root}/admin/queues/api/queues`)).status, 200)
      const replay = await ask(`${root}/api/v1/dead-letters/replay`, {
        method: 'POST',
        headers: JSON_HEADERS,
        body: '{"filter":{}}'
      })
      t.match(replay.location, new RegExp(`^${path}/api/v1/dead-letters/replays/`))
      t.equal((await ask(new URL(replay.location as string, url).href)).status, 200)
    }
  })

  await t.test('a body is read although Node has invited it, and refused if it comes in tiny chunks', async (t) => {
    const connection = await rawConnection(t, url)
    const body = '{"type":"for-one","payload":1}'
    connection.socket
      .write(`POST /one/api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`)
    await eventually('Node invites', () => connection.statuses().length === 1)
    connection.socket.write(body)
    await eventually('it is answered', () => connection.statuses().length === 2)
    t.strictSame(connection.statuses(), [100, 202])
    const chunked = await rawConnection(t, url)
    chunked.socket
      .write('POST /one/api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '1\r\n \r\n'.repeat(9_000))
    await eventually('it is refused', () => chunked.statuses().length === 1)
    t.strictSame(chunked.statuses(), [400])
  })

  t.equal(await close(host), 0, 'nothing is left open')
})

t.test('two Spillways with one DATA_DIR share its embedded Redis, and it ends with them', async (t) => {
  const { host, url, one, two } = await startTwo(t, (folder) => ({ DATA_DIR: folder, REDIS_APPENDFSYNC: 'everysec' }))
  await eventually(
    'both accept',
    async () =>
      (await Promise.all([post(`${url}/one`, 'a'), post(`${url}/nested/two`, 'b')])).every(({ status }) =>
        status === 'accepted'
      )
  )
  await eventually('both deliver', () => one.calls.length > 0 && two.calls.length > 0)
  t.equal(await close(host), 0, 'nothing is left open')
})

t.test('a Spillway without a path of its own leaves to the app what has no route', async (t) => {
  const redis = await startRedis(t)
  const folder = await makeFolder(t)
  const { host, url } = await startHost(t, {
    '': { ...BUSY_MACHINE, REDIS_URL: redis.url, DATA_DIR: folder, ROLE: 'api' }
  })
  t.equal((await ask(url)).text, 'host: home')
  t.match(await ask(`${url}/nothing`), { status: 404, text: 'host: nothing here' })
  t.match(await ask(`${url}/api/v1/events`, { method: 'PUT' }), { status: 404, text: 'host: nothing here' })
  t.equal((await ask(`${url}/dashboard`)).status, 200)
  await eventually('it accepts', async () => (await post(url, 'a')).status === 'accepted')
  t.equal(await close(host), 0, 'nothing is left open')
})
