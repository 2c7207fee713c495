import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { request, type IncomingMessage } from 'node:http'
import t from 'tap'
import { startApp } from '../../../app.ts'
import { makeKey } from '../../../services/producer/setup.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { bearer, TOKEN } from './key-requests.ts'

const LINE = '{"type":"a","payload":1}\n'

t.test('what lasts ends with its key', async (t) => {
  const { app } = await startApp(t, { redis: await startRedis(t), env: { ADMIN_TOKEN: TOKEN } })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const keys = (method: 'POST' | 'DELETE', path: string, payload?: object) =>
    app.inject({ method, url: `/api/v1/keys${path}`, headers: bearer(TOKEN), ...(payload && { payload }) })
  const make = async (order: object) => (await keys('POST', '', { name: 'x', ...order })).json<{ id: string, key: string }>()

  await t.test('a stream of events takes no further line', async (t) => {
    const { id, key } = await make({ organizationId: 'acme', scopes: ['ingest'] })
    const outgoing = request(`${url}/api/v1/events/batch`, {
      method: 'POST', headers: { ...bearer(key), 'content-type': 'application/x-ndjson' }
    })
    const answered = once(outgoing, 'response')
    outgoing.write(LINE)
    await eventually('the line is stored', async () => (await app.queue.sample()).depthByPriority[5] === 1)
    t.equal((await keys('DELETE', `/${id}`)).statusCode, 204)
    outgoing.write(LINE)
    const [answer] = await answered as [IncomingMessage]
    const report = { accepted: 1, stoppedAfterLine: 1, stopReason: 'key-ended' }
    t.match([answer.statusCode, JSON.parse(await text(answer))], [207, report])
    outgoing.destroy()
  })

  await t.test('a stream of signals ends', async (t) => {
    const { id, key } = await make({ scopes: ['read'] })
    const outgoing = request(`${url}/api/v1/dashboard/stream`, { headers: bearer(key) }).end()
    const [answer] = await once(outgoing, 'response') as [IncomingMessage]
    t.equal(answer.statusCode, 200)
    const ended = once(answer.resume(), 'end')
    t.equal((await keys('DELETE', `/${id}`)).statusCode, 204)
    await ended
  })
})

t.test('what lasts ends when its key loses a right, and goes on when it gains one', async (t) => {
  const made = makeKey({ organizationId: undefined, scopes: ['read'] })
  const path = join(t.testdir({ 'keys.json': JSON.stringify([made.record]) }), 'keys.json')
  const { app } = await startApp(t, { env: { API_KEYS_FILE: path } })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const outgoing = request(`${url}/api/v1/dashboard/stream`, { headers: bearer(made.key) }).end()
  const [answer] = await once(outgoing, 'response') as [IncomingMessage]
  const ended = once(answer, 'end')
  const seconds = () => once(answer, 'data')
  await seconds()
  const change = async (rights: object) => {
    const { generation } = app.knownKeys
    await writeFile(path, JSON.stringify([{ ...made.record, ...rights }]))
    await eventually('the file is read', () => app.knownKeys.generation !== generation)
  }
  await change({ scopes: ['admin'] })
  for (let count = 0; count < 3; count++) await seconds()
  t.notOk(answer.readableEnded)
  await change({ scopes: ['admin'], organizationId: 'acme' })
  answer.resume()
  await ended
})

t.test('what lasts without a key ends with the first one, and the token of operators stays', async (t) => {
  for (const env of [{}, { ADMIN_TOKEN: TOKEN }] as Record<string, string>[]) {
    const { app } = await startApp(t, { env })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const stream = async (headers: Record<string, string>) => {
      const outgoing = request(`${url}/api/v1/dashboard/stream`, { headers }).end()
      outgoing.on('error', () => {})
      t.teardown(() => { outgoing.destroy() })
      const [answer] = await once(outgoing, 'response') as [IncomingMessage]
      return answer
    }
    const headers = 'ADMIN_TOKEN' in env ? bearer(TOKEN) : {}
    const signals = await stream(headers)
    t.equal(signals.statusCode, 200)
    const events = request(`${url}/api/v1/events/batch`, {
      method: 'POST', headers: { 'content-type': 'application/x-ndjson' }
    })
    const answered = once(events, 'response')
    events.write(LINE)
    const stored = (count: number) => eventually(`${count} lines are stored`, async () =>
      (await app.queue.sample()).depthByPriority[5] === count)
    await stored(1)
    events.write(LINE)
    await stored(2)
    const made = await app.inject({
      method: 'POST', url: '/api/v1/keys', payload: { name: 'x', scopes: ['admin'] }, headers
    })
    t.equal(made.statusCode, 201)
    events.write(LINE)
    const [answer] = await answered as [IncomingMessage]
    t.match(JSON.parse(await text(answer)), { accepted: 2, stopReason: 'key-ended' })
    events.destroy()
    const seconds = signals[Symbol.asyncIterator]()
    if ('ADMIN_TOKEN' in env) for (let count = 0; count < 3; count++) t.notOk((await seconds.next()).done)
    else while (!(await seconds.next()).done);
  }
})
