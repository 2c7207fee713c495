import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { redisCommand } from '../../rig/redis-command.ts'
import type { RedisProcess } from '../../rig/redis.ts'
import { startReplicated, startSentinel } from '../../rig/replicated.ts'
import { gatherRedis } from '../../cli/doctor/gather/redis.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { post, startApp, storedEvents } from '../app.ts'

const PRODUCERS = 8
const EVENTS = 200

/** How a master goes away. */
const ENDS = {
  dies: (master: RedisProcess) => master.kill(),
  hangs: async (master: RedisProcess) => master.pause()
}

for (const [end, away] of Object.entries(ENDS)) {
  t.test(`no synced event is lost when the master ${end}, and nothing has to be restarted`, async (t) => {
    const replicated = await startReplicated(t)
    const { master, replica } = replicated
    const env = { ...await startSentinel(t, replicated), REDIS_SYNC_REPLICAS: '1', REDIS_COMMAND_TIMEOUT_MS: '1000' }
    const { app } = await startApp(t, { redis: master, env })
    const acknowledged: string[] = []
    const load = { isOver: false }
    const producing = Array.from({ length: PRODUCERS }, async () => {
      while (!load.isOver) {
        const answer = await post(app, { type: 'x', payload: 1 }, { 'x-event-durability': 'synced' })
        if (answer.statusCode === 202) acknowledged.push(answer.json().id)
        // A refusal takes no turn of the event loop.
        await nextTurn()
      }
    })
    await eventually('events are acknowledged', () => acknowledged.length > EVENTS)
    await away(master)
    await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
    await eventually('the queue is found', () => app.backpressure.signals.isDepthKnown)
    // The new master has no replica, so nothing is synced any more.
    load.isOver = true
    await Promise.all(producing)
    t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 202, 'events are stored again')
    const stored = new Set((await storedEvents(app)).map(({ id }) => id))
    t.strictSame(acknowledged.filter((id) => !stored.has(id)), [])
    t.match(await redisCommand(replica.path, 'INFO replication', 10_000), /role:master/)
  })
}

t.test('the doctor asks the Sentinels as well', async (t) => {
  const replicated = await startReplicated(t)
  const env = { ...await startSentinel(t, replicated), DATA_DIR: replicated.master.folder }
  const reach = async () => await gatherRedis(loadConfig(env), process.env.PATH)
  t.match(await reach(), { state: 'reached', info: { role: 'master' }, refused: [] })
  t.match(
    await gatherRedis(loadConfig({ ...env, REDIS_SENTINEL_NAME: 'another' }), process.env.PATH),
    { state: 'unreachable', reason: /Sentinel|sentinel/ }
  )
})
