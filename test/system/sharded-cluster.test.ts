import t from 'tap'
import { idempotencyDigest } from '../../services/event/idempotency-key.ts'
import { DONE } from '../../services/event/outcome.ts'
import { QueueKeys } from '../../services/queue/keys.ts'
import { shardOfDigest } from '../../services/queue/shard-choice.ts'
import { startCluster } from '../../rig/cluster.ts'
import { eventually } from '../../rig/eventually.ts'
import { eventHandler, post, startApp } from '../app.ts'
import { NAMESPACE } from '../queue-keys.ts'

const SHARDS = 6

t.test('shards are on several masters; if one dies, only its shards shed and spool until a replica is there', async (t) => {
  const cluster = await startCluster(t)
  const masters = await Promise.all(Array.from({ length: SHARDS }, (_, shard) =>
    cluster.masterOf(new QueueKeys(NAMESPACE, shard).root)))
  const [first] = masters
  const other = masters.find(({ id }) => id !== first!.id)!
  const sick = masters.flatMap(({ id }, shard) => id === other.id ? [shard] : [])
  const handled = new Set<string>()
  const { app } = await startApp(t, {
    redis: first!.redis,
    env: {
      ...cluster.envFrom(), QUEUE_SHARDS: String(SHARDS), ROLE: 'all', SPOOL_CLASSES: 'critical',
      REDIS_COMMAND_TIMEOUT_MS: '1000'
    },
    handlers: [eventHandler(({ id }) => { handled.add(id); return DONE })]
  })
  await eventually('the shards are agreed on, and there', () =>
    app.queue.map.shards === SHARDS && app.queueMonitor.reading?.awayShards?.length === 0)
  let count = 0
  const idIn = (wanted: (shard: number) => boolean) => {
    for (;;) {
      const id = `event-${count++}`
      if (wanted(shardOfDigest(idempotencyDigest({ id }) as string, SHARDS))) return id
    }
  }
  const isSick = (shard: number) => sick.includes(shard)
  const isWell = (shard: number) => !isSick(shard)
  const acknowledged: string[] = []
  const posted = async (id: string, priority = 5) => {
    const answer = await post(app, { type: 'x', payload: 1, id, priority })
    if (answer.statusCode === 202) acknowledged.push(id)
    return answer
  }
  for (let shard = 0; shard < SHARDS; shard++) t.equal((await posted(idIn((own) => own === shard))).statusCode, 202)
  await eventually('all are handled', () => acknowledged.every((id) => handled.has(id)))

  await other.redis.kill()
  await eventually('its shards are away', () => sick.every((shard) => app.queue.map.isAway(shard)))
  t.match((await posted(idIn(isSick))).json(), { reason: 'queue-unavailable' })
  t.match((await posted(idIn(isSick), 1)).json(), { status: 'accepted', durability: 'spooled' })
  const beside = Array.from({ length: 20 }, () => idIn(isWell))
  for (const id of beside) t.equal((await posted(id)).statusCode, 202)
  await eventually('the others are handled meanwhile', () => beside.every((id) => handled.has(id)))

  await eventually('all shards are back', () => app.queueMonitor.reading?.awayShards?.length === 0)
  t.equal((await posted(idIn(isSick))).statusCode, 202)
  await eventually('all acknowledged events are handled', () => acknowledged.every((id) => handled.has(id)))
})
