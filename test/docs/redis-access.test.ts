import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Redis } from 'ioredis'
import { QueueKeys } from '../../services/queue/keys.ts'
import { eventHandler, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { freePort } from '../../rig/free-port.ts'
import { startRedis } from '../../rig/redis.ts'
import { documentedRules } from './acl-rules.ts'
import { ROOT } from './documents.ts'

/** Commands of the test itself, or of the server that it starts. */
const OF_THE_TEST = new Set(['acl|setuser', 'acl|log'])

/**
 * Commands that this test does not reach: of a URL with a database, of the doctor, of a start, of batches that move, of
 * a second process.
 */
const RARE = new Set(['select', 'scan', 'script|exists', 'multi', 'exec', 'subscribe'])

/** Commands that Redis 7.0 does not have; the document names them beside the list. */
const NEWER = new Set(['waitaof'])

const PASSWORD = 'a-password-of-the-test'

/** Keys of a service whose name begins like that of the document. */
const OTHERS = new QueueKeys('spillway-2')

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
  t.equal(await admin.call('ACL', 'SETUSER', 'spillway', ...documentedRules(PASSWORD)), 'OK')
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

/** The commands that scripts of BullMQ and of Spillway call: more than one run of them uses. */
function scriptCommands (): string[] {
  const scripts = globSync(['node_modules/bullmq/dist/cjs/scripts/*.js', 'services/**/*.{lua,ts}'], { cwd: ROOT })
  t.ok(scripts.length > 50)
  const calls = scripts.flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\b(?:r|redis\.p?)call\(['"](\w+)['"]/g)])
  return calls.map(([, command]) => String(command).toLowerCase())
}

/** The commands that Redis ran, with subcommands as in `config|get`. */
async function commandsRun (admin: Redis): Promise<string[]> {
  const stats = await admin.info('commandstats')
  return [...stats.matchAll(/^cmdstat_([^:]+):/gm)].map(([, command]) => command as string)
}

t.test('the shortest list of commands in the document has each that Spillway uses, and suffices', async (t) => {
  const port = await freePort()
  const redis = await startRedis(t, { appendonly: true, extraArgs: ['--port', String(port)] })
  const admin = new Redis(redis.path)
  t.teardown(async () => { admin.disconnect() })
  const rules = documentedRules(PASSWORD, 'spillway-minimal')
  t.equal(await admin.call('ACL', 'SETUSER', 'spillway-minimal', ...rules), 'OK')
  t.notOk(rules.some((rule) => rule.startsWith('+@')), 'no category')
  const allowed = new Set(rules.filter((rule) => rule.startsWith('+')).map((rule) => rule.slice(1)))
  const isMissing = (command: string) => [allowed, OF_THE_TEST, NEWER].every((set) => !set.has(command))
  const inScripts = scriptCommands()
  t.strictSame(inScripts.filter(isMissing), [], 'missing, as scripts call it')
  const url = `redis://spillway-minimal:${PASSWORD}@127.0.0.1:${port}`
  await exercise(t, { REDIS_URL: url, FAIR_ORDER: 'organizations' })
  const refused = (await admin.call('ACL', 'LOG') as unknown[][]).map((entry) => `${entry[5]} ${entry[7]}`)
  t.strictSame(refused, [], 'nothing was refused')
  const used = new Set([...inScripts, ...await commandsRun(admin)])
  t.strictSame([...used].filter(isMissing), [], 'missing, as Redis ran it')
  t.strictSame([...allowed].filter((command) => !used.has(command) && !RARE.has(command)), [], 'of no use')
})
