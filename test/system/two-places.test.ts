import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../../rig/redis.ts'
import { startProxy } from '../../rig/tcp-proxy.ts'
import { eventHandler, metric, post, startApp } from '../app.ts'

const COMMAND_TIMEOUT_MS = 300
const EVENT = { type: 'x', payload: null, priority: 1 }

const FORMS: readonly [form: string, members: object, headers: Record<string, string>][] = [
  ['with neither', {}, {}],
  ['with an id', { id: 'own' }, {}],
  ['with an Idempotency-Key', {}, { 'idempotency-key': 'key' }]
]

/** An API with a spool, whose way to Redis can be disturbed. */
async function startSpooling (t: Test, redis: RedisProcess) {
  const proxy = await startProxy(t, redis.path)
  const { app } = await startApp(t, {
    redis,
    env: {
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`, DATA_DIR: join(redis.folder, 'spooling'), SPOOL_CLASSES: 'critical',
      REDIS_COMMAND_TIMEOUT_MS: String(COMMAND_TIMEOUT_MS)
    }
  })
  const receiptOf = async (id: string) => (await app.inject(`/api/v1/events/${id}`)).json<{ id: string, status: string }>()
  const drained = () => eventually('the spool has drained', () => app.spool?.batches === 0)
  return { app, proxy, receiptOf, drained }
}

/** A worker with a way of its own, and the ids of the events that it has handled. */
async function startHandling (t: Test, redis: RedisProcess) {
  const handled: string[] = []
  const { app } = await startApp(t, { redis, env: { ROLE: 'worker' }, handlers: [eventHandler(({ id }) => {
    handled.push(id)
    return { status: 'done' }
  })] })
  return { app, handled }
}

t.test('events whose add was not confirmed in time are in the queue and in the spool, and handled once', async (t) => {
  const redis = await startRedis(t)
  const { app, proxy, receiptOf, drained } = await startSpooling(t, redis)
  const { handled } = await startHandling(t, redis)
  // Redis gets each command after its time-out, and carries it out.
  proxy.delayBy(2 * COMMAND_TIMEOUT_MS)
  const answers = await Promise.all(FORMS.map(([, members, headers]) => post(app, { ...EVENT, ...members }, headers)))
  const ids = answers.map((answer) => answer.json<{ id: string }>().id)
  for (const [index, answer] of answers.entries()) {
    t.match([answer.statusCode, answer.json()], [202, { durability: 'spooled' }], FORMS[index]![0])
  }
  await eventually('they are handled out of the queue', () => ids.every((id) => handled.includes(id)))
  t.ok((app.spool?.batches ?? 0) > 0, 'and are in the spool')
  proxy.delayBy(0)
  await drained()
  for (const [index, id] of ids.entries()) {
    const [form, members, headers] = FORMS[index]!
    await eventually(`the receipt says so, ${form}`, async () => (await receiptOf(id)).status === 'done')
    if (index > 0) t.match((await post(app, { ...EVENT, ...members }, headers)).json(), { status: 'duplicate', id }, form)
  }
  const last = (await post(app, EVENT)).json<{ id: string }>().id
  await eventually('a later event is handled', () => handled.includes(last))
  t.strictSame(handled.toSorted(), [...ids, last].toSorted(), 'each once')
  for (const side of ['admission', 'queue']) {
    await eventually(`the ledger balances, ${side}`, async () =>
      await metric(app, `spillway_ledger_imbalance{side="${side}"}`) === 0)
  }
})

t.test('an event that one process spooled and another queued is handled once, and both ids lead to it', async (t) => {
  const redis = await startRedis(t)
  const { app, proxy, receiptOf, drained } = await startSpooling(t, redis)
  const { app: other } = await startApp(t, { redis })
  proxy.stall()
  const posts = FORMS.slice(1).map(([, members, headers]) => ({ event: { ...EVENT, ...members }, headers }))
  const spooled = await Promise.all(posts.map(({ event, headers }) => post(app, event, headers)))
  const queued = await Promise.all(posts.map(({ event, headers }) => post(other, event, headers)))
  const ids = (answers: typeof spooled) => answers.map((answer) => answer.json<{ id: string }>().id)
  t.match(spooled.map((answer) => answer.json()), posts.map(() => ({ status: 'accepted', durability: 'spooled' })))
  t.match(queued.map((answer) => answer.json()), posts.map(() => ({ status: 'accepted', durability: 'queued' })))
  proxy.reset()
  proxy.resume()
  await drained()
  const told = async (status: string) => {
    for (const id of [...ids(spooled), ...ids(queued)]) {
      await eventually(`${id} is ${status}`, async () => (await receiptOf(id)).status === status)
    }
  }
  await told('waiting')
  const { handled } = await startHandling(t, redis)
  await told('done')
  t.strictSame(handled.toSorted(), ids(queued).toSorted())
})
