import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { gatherRedis } from '../../cli/doctor/gather/redis.ts'
import { startCluster } from '../../rig/cluster.ts'
import { eventually } from '../../rig/eventually.ts'
import { redisCommand } from '../../rig/redis-command.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { eventHandler, post, startApp, storedEvents, type TestApp } from '../app.ts'
import { documentedRules } from '../docs/acl-rules.ts'
import { KEYS } from '../queue-keys.ts'

const PRODUCERS = 8
const PASSWORD = 'a-password-of-the-test'
const SYNCED = { 'x-event-durability': 'synced' }

interface Acknowledged {
  readonly priority: number
  /** Undefined for a repeated post, whose first answer was lost. */
  readonly durability: string | undefined
}

/** Producers that post each event until it is acknowledged, and then ask for its receipt. */
function produce (app: TestApp['app'], headers: Record<string, string> = {}) {
  const acknowledged = new Map<string, Acknowledged>()
  const refused = { critical: 0, others: 0 }
  const load = { isOver: false }
  let count = 0
  const producing = Array.from({ length: PRODUCERS }, async (_, producer) => {
    const priority = producer % 2 === 0 ? 1 : 5
    while (!load.isOver) {
      const event = { id: `e${count++}`, type: 'x', payload: count, priority }
      for (let isDone = false; !isDone && !load.isOver;) {
        const answer = await post(app, event, headers)
        isDone = answer.statusCode === 202
        const { id, durability } = answer.json()
        if (isDone) acknowledged.set(id, { priority, durability })
        else refused[priority === 1 ? 'critical' : 'others']++
        const receipt = isDone ? await app.inject(`/api/v1/events/${id}`) : undefined
        const others = [answer, receipt].filter((other) => ![200, 202, 503].includes(other?.statusCode ?? 200))
        if (others.length > 0) throw new Error(`answered ${others[0]?.statusCode}: ${others[0]?.body}`)
        // A refusal takes no turn of the event loop.
        await nextTurn()
      }
    }
  })
  return {
    acknowledged,
    refused,
    more: async (what: string, events: number) => {
      const before = acknowledged.size
      await eventually(what, () => acknowledged.size >= before + events)
    },
    end: async () => {
      load.isOver = true
      await Promise.all(producing)
    }
  }
}

t.test('a Cluster serves posts, work, retries and dead letters, and the doctor describes it', async (t) => {
  const cluster = await startCluster(t)
  const master = await cluster.masterOf(KEYS.root)
  const rules = [...documentedRules(PASSWORD, 'spillway-minimal'), '+cluster|slots', '+cluster|info']
  for (const { redis } of cluster.nodes) {
    await redisCommand(redis.path, `ACL SETUSER spillway ${rules.join(' ')}`, 10_000)
  }
  // The first node of the list has other slots.
  const env = {
    ...cluster.envFrom(cluster.nodes.indexOf(master) + 1), REDIS_URL: `redis://spillway:${PASSWORD}@cluster`
  }
  const { app } = await startApp(t, {
    redis: master.redis,
    env: { ...env, ROLE: 'all', JOB_BROWSER: 'read-only' },
    handlers: [eventHandler(({ payload, attempt }) => {
      if (payload === 'retry' && attempt === 1) return { status: 'retry', reason: 'once more', delayMs: 10 }
      return payload === 'bad' ? { status: 'dead', reason: 'bad' } : { status: 'done' }
    })]
  })
  for (const [payload, status] of [['good', 'done'], ['retry', 'done'], ['bad', 'dead-letter']] as const) {
    const answer = await post(app, { type: 'x', payload }, SYNCED)
    t.match(answer.json(), { status: 'accepted', durability: 'synced' })
    await eventually(`it is ${status}`, async () =>
      (await app.inject(`/api/v1/events/${answer.json().id}`)).json().status === status)
  }
  t.equal((await app.inject('/api/v1/dead-letters')).json().deadLetters.length, 1)
  t.equal((await app.inject('/admin/queues/api/queues')).statusCode, 200)
  // A node lists a replica once that has announced how far it follows.
  const facts = await eventually('all replicas follow', async () => {
    const redis = await gatherRedis(loadConfig(env), process.env.PATH)
    return redis.state === 'reached' && redis.cluster?.replicas === 3 && redis
  })
  t.match(facts, {
    state: 'reached',
    info: { role: 'master', connected_slaves: '1' },
    refused: [],
    cluster: { state: 'ok', masters: 3, replicas: 3, owner: `127.0.0.1:${master.port}` }
  })
})

t.test('a master dies under load: critical events are spooled, and each acknowledged event is handled once', async (t) => {
  const cluster = await startCluster(t)
  const master = await cluster.masterOf(KEYS.root)
  const replica = await cluster.replicaOf(master)
  const env = { ...cluster.envFrom(), REDIS_SYNC_REPLICAS: '1', REDIS_COMMAND_TIMEOUT_MS: '1000' }
  const { app } = await startApp(t, { redis: master.redis, env: { ...env, SPOOL_CLASSES: 'critical' } })
  const handled: string[] = []
  await startApp(t, {
    redis: master.redis,
    env: { ...env, ROLE: 'worker' },
    handlers: [eventHandler(({ id }) => { handled.push(id); return { status: 'done' } })]
  })
  // The worker takes nothing until all is in the queue, but goes through the failover.
  const order = async (action: string) =>
    t.equal((await app.inject({ method: 'POST', url: `/api/v1/workers/${action}` })).statusCode, 200)
  await order('pause')
  const load = produce(app, SYNCED)
  await load.more('events are acknowledged', 200)
  await master.redis.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  const refused = { ...load.refused }
  await load.more('events are acknowledged meanwhile', 20)
  await eventually('others are refused', () => load.refused.others > refused.others)
  await eventually('the queue is found', () => app.backpressure.signals.isDepthKnown)
  t.equal((await cluster.masterOf(KEYS.root)).id, replica.id)
  const postSynced = async () => (await post(app, { type: 'x', payload: 1 }, SYNCED)).statusCode
  t.equal(await postSynced(), 503, 'the new master has no replica')
  await master.redis.start()
  await eventually('the former master follows, and events are synced again', async () => await postSynced() === 202)
  await load.end()
  const acknowledged = [...load.acknowledged]
  const levels = (priority: number) => {
    const events = acknowledged.map(([, event]) => event).filter((event) => event.priority === priority)
    return [...new Set(events.map(({ durability }) => durability))].filter((level) => level !== undefined).toSorted()
  }
  t.strictSame(levels(1), ['spooled', 'synced'], 'critical')
  t.strictSame(levels(5), ['synced'], 'others')
  const stored = await eventually('all of them are in the queue', async () => {
    const ids = (await storedEvents(app)).map(({ id }) => id)
    const known = new Set(ids)
    return acknowledged.every(([id]) => known.has(id)) && ids
  })
  await order('resume')
  await eventually('all of them are handled', () => handled.length >= stored.length)
  t.strictSame(handled.toSorted(), stored.toSorted(), 'each once')
  t.equal(new Set(stored).size, stored.length, 'none twice')
})

t.test('the queue moves to another master under load, and nothing is lost', async (t) => {
  const cluster = await startCluster(t)
  const [source, target] = await cluster.mastersFrom(KEYS.root)
  const handled = new Map<string, number>()
  const { app } = await startApp(t, {
    redis: source.redis,
    env: { ...cluster.envFrom(), ROLE: 'all', SPOOL_CLASSES: 'critical' },
    handlers: [eventHandler(({ id, payload, attempt }) => {
      if (attempt === 1 && Number(payload) % 4 === 0) return { status: 'retry', reason: 'later', delayMs: 100 }
      handled.set(id, (handled.get(id) ?? 0) + 1)
      return { status: 'done' }
    })]
  })
  const load = produce(app)
  await load.more('events are acknowledged', 500)
  await cluster.moveSlot(KEYS.root, target)
  await load.more('events are acknowledged after it', 500)
  await load.end()
  t.equal((await cluster.masterOf(KEYS.root)).id, target.id)
  await eventually('all are handled', () => [...load.acknowledged.keys()].every((id) => handled.has(id)))
  await eventually('the queue is empty', async () => app.backpressure.signals.depth === 0)
  await eventually('the ledger balances', async () => {
    const { imbalance } = (await app.inject('/api/v1/metrics/ledger')).json()
    return imbalance.admission === 0 && imbalance.queue === 0
  })
})
