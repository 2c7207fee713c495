import t, { type Test } from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { QueueKeys } from '../../services/queue/keys.ts'
import { eventHandler, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { freePort } from '../../rig/free-port.ts'
import { startRedis } from '../../rig/redis.ts'
import { ROOT } from './documents.ts'

const PASSWORD = 'a-password-of-the-test'

/** Keys of a service whose name begins like that of the document. */
const OTHERS = new QueueKeys('spillway-2')

/** The ACL rules of the document, without the command and the name of the user. */
function documentedRules (): string[] {
  const text = readFileSync(join(ROOT, 'docs/BACKPRESSURE-CONFIG.md'), 'utf8').replaceAll('\\\n', ' ')
  const [, rules] = /^ACL SETUSER spillway (.+)$/m.exec(text) ?? []
  if (rules === undefined) throw new Error('BACKPRESSURE-CONFIG.md has no line ACL SETUSER spillway')
  return rules.split(/\s+/).map((rule) => rule.startsWith('>') ? `>${PASSWORD}` : rule)
}

/**
 * Does all that Spillway does with Redis: each way in, work, retries, dead letters, a replay, questions and actions.
 */
async function exercise (t: Test, env: Record<string, string>): Promise<void> {
  let isRefusing = true
  const handler = eventHandler(({ payload, attempt = 1 }) => {
    if (payload === 'retry' && attempt === 1) return { status: 'retry', reason: 'once more', delayMs: 10 }
    return payload === 'bad' && isRefusing ? { status: 'dead', reason: 'bad' } : { status: 'done' }
  })
  const all = { ROLE: 'all', SPOOL_CLASSES: 'critical', JOB_BROWSER: 'read-write' }
  const { app } = await startApp(t, { env: { ...all, ...env }, handlers: [handler] })
  const done = (id: string) => eventually(`${id} is done`, async () =>
    (await app.inject(`/api/v1/events/${id}`)).json().status === 'done')
  const posted = async (id: string, payload: string, durability = 'queued') => {
    const answer = await post(app, { type: 'a', payload, id }, { 'x-event-durability': durability })
    t.equal(answer.statusCode, 202, `${id} ${durability}`)
    return answer.json().status
  }
  const order = async (url: string, payload?: object) => {
    const answer = await app.inject({ method: 'POST', url, ...(payload !== undefined && { payload }) })
    t.ok(answer.statusCode < 300, url)
  }
  await posted('own', 'good')
  t.equal(await posted('own', 'good'), 'duplicate')
  for (const level of ['spooled', 'synced']) await posted(level, 'good', level)
  const batch = ['retry', 'good'].map((payload) => ({ type: 'a', payload, id: payload }))
  t.equal((await postBatch(app, batch)).statusCode, 202)
  await posted('bad', 'bad')
  for (const id of ['own', 'synced', 'retry', 'good']) await done(id)
  await eventually('one is a dead letter', async () =>
    (await app.inject('/api/v1/dead-letters')).json().deadLetters.length === 1)
  for (const action of ['pause', 'resume']) await order(`/api/v1/workers/${action}`)
  for (const url of ['/api/v1/metrics/queue', '/api/v1/metrics/ledger', '/admin/queues/api/queues', '/api/v1/events']) {
    t.equal((await app.inject(url)).statusCode, 200, url)
  }
  await order('/api/v1/metrics/backpressure/reset')
  isRefusing = false
  await order('/api/v1/dead-letters/replay', { filter: {} })
  await done('bad')
  t.equal((await app.inject({ method: 'DELETE', url: '/api/v1/dead-letters?all=true' })).statusCode, 200)
  await app.close()
}

t.test('a Redis user with the rights that the document names can do all that Spillway does', async (t) => {
  const port = await freePort()
  const redis = await startRedis(t, { appendonly: true, extraArgs: ['--port', String(port)] })
  const admin = new Redis(redis.path)
  t.teardown(async () => { admin.disconnect() })
  t.equal(await admin.call('ACL', 'SETUSER', 'spillway', ...documentedRules()), 'OK')
  await exercise(t, { REDIS_URL: `redis://spillway:${PASSWORD}@127.0.0.1:${port}` })
  const refused = (await admin.call('ACL', 'LOG') as unknown[][]).map((entry) => `${entry[5]} ${entry[7]}`)
  t.strictSame(refused, [], 'nothing was refused')
  for (const command of [
    ['FLUSHALL'], ['CONFIG', 'SET', 'maxmemory', '1'], ['GET', 'other-key'], ['HGETALL', OTHERS.ledger], ['ACL', 'LIST']
  ]) {
    const user = new Redis({ port, username: 'spillway', password: PASSWORD })
    await t.rejects(user.call(command[0] as string, ...command.slice(1)), /NOPERM/, command.join(' '))
    user.disconnect()
  }
})
