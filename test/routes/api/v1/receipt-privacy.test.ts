import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { QueuedEvent } from '../../../../services/event/event.ts'
import { eventHandler, post, postBatch, startApp } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { depthIs } from './setup.ts'

const SECRET_WORDS = 'what the consumer said'

function ask (app: FastifyInstance, id: string) {
  return app.inject(`/api/v1/events/${encodeURIComponent(id)}`)
}

async function idsOf (app: FastifyInstance, payloads: readonly unknown[], more: object = {}): Promise<string[]> {
  const { results } = (await postBatch(app, payloads.map((payload) => ({ type: 'x', payload, ...more })))).json()
  return results.map(({ id }: { id: string }) => id)
}

/** Ids that somebody who knows `id` could make up of it for the place `index` of the same batch. */
function madeUp (id: string, index: number): string[] {
  const [, batchId, digest] = /^(.+)\.\d+-([\w-]+)$/.exec(id) ?? []
  return [
    `${batchId}.${index}`, `${batchId}.${index}-${digest}`, `${batchId}.${index}-AAAAAAAA`, `${batchId}.${index}-`
  ]
}

/**
 * Asserts that none of the ids that can be made up of one leads to a receipt, and that all are answered like an id that
 * never was.
 */
async function assertAlone (t: Test, app: FastifyInstance, id: string, count: number): Promise<void> {
  const own = Number(/\.(\d+)-/.exec(id)?.[1])
  for (let index = 0; index < count; index++) {
    for (const other of madeUp(id, index)) {
      if (other === id) continue
      const answer = await ask(app, other)
      t.strictSame(
        [answer.statusCode, answer.json()],
        [404, { id: other, status: 'unknown', keptSeconds: 600 }],
        `${index} from ${own}`
      )
    }
  }
}

t.test('the id of one event leads to no other of its batch, in work, done and dead', async (t) => {
  const outcome = { status: 'dead' as const, reason: 'unusable', detail: SECRET_WORDS }
  const { app } = await startApp(t, {
    env: { ROLE: 'all', ADMIN_TOKEN: 'a token of sixteen' },
    handlers: [eventHandler(({ payload }: QueuedEvent) => (payload === 'dead' ? outcome : { status: 'done' }))]
  })
  const ids = await idsOf(app, ['done', 'dead', 'done', 'dead'])
  const statuses = ['done', 'dead-letter', 'done', 'dead-letter']
  for (const [index, id] of ids.entries()) {
    await eventually(`${id} is ${statuses[index]}`, async () => (await ask(app, id)).json().status === statuses[index])
    t.notMatch((await ask(app, id)).body, SECRET_WORDS, 'what went wrong is for operators')
    t.notMatch((await ask(app, id)).json(), { error: /./ })
  }
  await assertAlone(t, app, ids[0]!, 4)
  await assertAlone(t, app, ids[3]!, 4)
})

t.test('nor while it waits, nor while it is in the spool', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { app } = await startApp(t, { redis, env: { SPOOL_CLASSES: 'critical' } })
  const waiting = await idsOf(app, [1, 2, 3])
  await assertAlone(t, app, waiting[1]!, 3)
  await redis.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  const [spooled = ''] = await idsOf(app, [1, 2, 3], { priority: 1 })
  t.match((await ask(app, spooled)).json(), { id: spooled, status: 'spooled' })
  for (const other of madeUp(spooled, 1)) {
    t.equal((await ask(app, other)).statusCode, 503, 'as for any id that nobody can be asked of')
  }
  await redis.start()
  await eventually('it is in the queue', async () => (await ask(app, spooled)).json().status === 'waiting')
  await assertAlone(t, app, spooled, 3)
})

t.test('a process that starts anew knows the ids that another one gave', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const first = await startApp(t, { redis, env: { SPOOL_CLASSES: 'critical' } })
  const [queued = ''] = await idsOf(first.app, [1, 2])
  await redis.kill()
  await eventually('the queue is lost', () => !first.app.backpressure.signals.isDepthKnown)
  const spooled = await idsOf(first.app, [1, 2], { priority: 1 })
  await first.app.close()
  await redis.start()
  const { app } = await startApp(t, { redis, env: { SPOOL_CLASSES: 'critical' } })
  await depthIs(app, 4)
  for (const id of [queued, ...spooled]) t.match((await ask(app, id)).json(), { id, status: 'waiting' })
})

t.test('the receipt of a dead letter follows it: replayed, done, or deleted', async (t) => {
  let isFixed = false
  const release = Promise.withResolvers<void>()
  t.teardown(async () => release.resolve())
  const handle = async () => {
    if (!isFixed) return { status: 'dead' as const, reason: 'unusable' }
    await release.promise
    return { status: 'done' as const }
  }
  const { app } = await startApp(t, { env: { ROLE: 'all' }, handlers: [eventHandler(handle)] })
  const [unnamed = ''] = await idsOf(app, [1])
  await post(app, { type: 'x', payload: 1, id: 'own', priority: 2 })
  await post(app, { type: 'x', payload: 1, id: 'deleted', priority: 2 })
  const deadLetters: Record<string, string> = {}
  for (const id of [unnamed, 'own', 'deleted']) {
    await eventually(`${id} is dead`, async () => {
      const { status, deadLetterId } = (await ask(app, id)).json()
      deadLetters[id] = deadLetterId
      return status === 'dead-letter'
    })
  }
  t.equal((await app.inject({ method: 'DELETE', url: `/api/v1/dead-letters/${deadLetters.deleted}` })).statusCode, 204)
  const deleted = (await ask(app, 'deleted')).json()
  t.match(deleted, { id: 'deleted', status: 'dead-letter', priority: 2, diedAt: String, deletedAt: String })
  t.strictSame([deleted.deadLetterId, deleted.reason], [undefined, undefined])
  isFixed = true
  t.equal(
    (await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} } })).statusCode,
    202
  )
  for (const [id, priority] of [[unnamed, 5], ['own', 2]] as const) {
    const seen = new Set<string>()
    await eventually(`${id} is in work again`, async () => {
      const { status } = (await ask(app, id)).json()
      seen.add(status)
      return status === 'active'
    })
    t.match((await ask(app, id)).json(), { id, priority, type: 'x', attempt: 1 })
    t.notOk(seen.has('unknown'), 'it is at no time unknown')
  }
  release.resolve()
  for (const id of [unnamed, 'own']) {
    await eventually(`${id} is done`, async () => (await ask(app, id)).json().status === 'done')
  }
})
