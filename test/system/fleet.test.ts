import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'
import { startApp } from '../app.ts'

interface Listed {
  id: string
  role: string
  host: string
  pid: number
  version: string
  startedAt: string
  circuitState: string
  settingsVersion: number
  ageMs: number
}

async function fleetOf (app: FastifyInstance): Promise<{ isKnown: boolean, members: Listed[], skipped: number }> {
  const answer = await app.inject('/api/v1/fleet')
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.json()
}

t.test('lists each process while it lives, with the settings that it follows', async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { redis })
  const { app: closing } = await startApp(t, { redis })
  const killed = await startServer(t, { REDIS_URL: redis.url, ROLE: 'api' })
  const { app: worker } = await startApp(t, { redis, env: { ROLE: 'worker' } })
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default

  const { members } = await eventually('all four are there', async () => {
    const fleet = await fleetOf(app)
    return fleet.members.length === 4 && fleet
  })
  t.strictSame(members.map(({ role, pid }) => [role, pid]), [
    ['api', process.pid], ['api', process.pid], ['api', killed.pid], ['worker', process.pid]
  ])
  for (const member of members) {
    t.match(member, { host: hostname(), version, circuitState: 'CLOSED', settingsVersion: 0 })
    t.equal(new Date(member.startedAt).toISOString(), member.startedAt)
    t.ok(member.ageMs >= 0 && Number.isInteger(member.ageMs))
    t.strictSame(Object.keys(member), [
      'id', 'role', 'host', 'pid', 'version', 'startedAt', 'circuitState', 'settingsVersion', 'ageMs'
    ])
  }
  t.equal(new Set(members.map(({ id }) => id)).size, 4)
  const queue = (await app.inject('/api/v1/metrics/queue')).json()
  t.match(queue.workers, { count: 1, list: [{ id: worker.fleetMember().id, hostname: hostname(), pid: process.pid }] })

  const patch = { backpressure: { thresholds: { warning: 20_000 } } }
  t.equal((await app.inject({ method: 'PATCH', url: '/api/v1/settings', payload: patch })).statusCode, 200)
  await eventually('all follow the change', async () =>
    (await fleetOf(app)).members.every(({ settingsVersion }) => settingsVersion === 1))

  const { id } = closing.fleetMember()
  await closing.close()
  t.equal(await app.redis.hexists(app.queue.keys.fleet, id), 0, 'one that closes leaves at once')
  await eventually('the others see that', async () => !(await fleetOf(app)).members.some((member) => member.id === id))
  await killed.kill('SIGKILL')
  await eventually('one that is killed vanishes', async () =>
    !(await fleetOf(app)).members.some(({ pid }) => pid === killed.pid))
  t.strictSame((await fleetOf(app)).members.map(({ role }) => role), ['api', 'worker'])
})

t.test('says which processes there were while Redis is away, and nothing if it was never there', async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { redis })
  await redis.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  t.match(await fleetOf(app), { isKnown: false, members: [{ id: app.fleetMember().id }] })
  const { app: cold } = await startApp(t, { redis, awaitsQueue: false })
  const answer = await cold.inject('/api/v1/fleet')
  t.match([answer.statusCode, answer.json()], [503, { type: 'urn:spillway:problem:queue-unavailable' }])
})
