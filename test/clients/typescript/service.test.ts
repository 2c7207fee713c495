import t from 'tap'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SpillwayClient } from '../../../clients/typescript/client.ts'
import { DONE } from '../../../services/event/outcome.ts'
import { eventHandler, startApp } from '../../app.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { FAST_CLOCK } from './fast-clock.ts'

t.test('what an overloaded service refuses arrives once it has recovered, every event once', async (t) => {
  const redis = await startRedis(t)
  const handled: string[] = []
  const env = { QUEUE_RECOVERY_THRESHOLD: '40', QUEUE_WARNING_THRESHOLD: '60', QUEUE_CRITICAL_THRESHOLD: '100' }
  const { app } = await startApp(t, { redis, env })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const answers: number[] = []
  const client = new SpillwayClient({
    url, maxBatchEvents: 50, ...FAST_CLOCK,
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      answers.push(response.status)
      return response
    }
  })
  t.teardown(() => client.close({ signal: AbortSignal.abort() }))
  const ids = Array.from({ length: 300 }, (_, index) => `reading-${index}`)
  const sends = ids.map((id) => client.send({ type: 'reading', payload: { id }, priority: 5, id }))
  await eventually('the service sheds', () => answers.some((status) => status === 503 || status === 207))
  t.match(await client.send({ type: 'alarm', payload: 1, priority: 1, id: 'alarm' }), {
    status: 'accepted',
    id: 'alarm'
  }, 'a critical event gets in meanwhile')

  // Workers come; the backlog drains and the circuit closes.
  await startApp(t, {
    redis,
    env: { ...env, ROLE: 'worker' },
    handlers: [eventHandler(({ id }) => {
      handled.push(id)
      return DONE
    })]
  })
  const closed = client.close()
  const results = await Promise.all(sends)
  await closed
  t.strictSame([...new Set(results.map(({ status }) => status))], ['accepted'])
  await eventually('everything is handled', () => handled.length >= 301)
  t.strictSame(handled.toSorted(), [...ids, 'alarm'].toSorted())
})

t.test('it uses nothing that a browser does not have', async (t) => {
  const root = join(import.meta.dirname, '../../..')
  // tap puts its loader into the NODE_OPTIONS of every child, and the compiler does not start under it.
  await promisify(execFile)('env', [
    '-u',
    'NODE_OPTIONS',
    process.execPath,
    join(root, 'node_modules/typescript/bin/tsc'),
    '--noEmit',
    '-p',
    join(root, 'clients/typescript')
  ])
  t.pass('it compiles with the types of a browser alone')
})

t.test('a client with a quota sends a steady stream and is never refused, and one that ignores it is limited', async (t) => {
  const { app } = await startApp(t)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const quotas = { organizations: Object.fromEntries(['acme', 'globex'].map((id) => [id, { eventsPerSecond: 200, burst: 100 }])) }
  t.equal((await app.inject({ method: 'PATCH', url: '/api/v1/settings', payload: { quotas } })).statusCode, 200)
  const statuses: number[] = []
  const client = new SpillwayClient({
    url, maxBatchEvents: 20,
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      statuses.push(response.status)
      return response
    }
  })
  const event = (organizationId: string) => ({ type: 'reading', payload: 1, organizationId })
  const sends = Array.from({ length: 600 }, () => client.send(event('acme')))
  await client.close()
  t.ok((await Promise.all(sends)).every(({ status }) => status === 'accepted'))
  t.strictSame([...new Set(statuses)], [202])
  const posted = await app.inject({
    method: 'POST', url: '/api/v1/events/batch', payload: Array.from({ length: 600 }, () => event('globex'))
  })
  t.equal(posted.statusCode, 207)
  t.ok(posted.json().quota > 0, `${posted.json().quota} are refused`)
})
