import t from 'tap'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { ReadingFeed } from '../../../services/queue/reading-feed.ts'
import { connectForMessages, type Redis } from '../../../services/redis/connection.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startProxy } from '../../../rig/tcp-proxy.ts'
import { KEYS } from '../../queue-keys.ts'
import { connectPatiently } from '../../patient-connection.ts'

t.test('a feed subscribes again after a loss, and may be closed before Redis has answered that', async (t) => {
  const server = await startRedis(t)
  const proxy = await startProxy(t, server.path)
  const commands = connectPatiently(server.url)
  t.teardown(() => commands.disconnect())
  const opened: Redis[] = []
  const feed = new ReadingFeed({
    queue: { adopt: () => undefined, isFollower: true, isReader: false, keys: KEYS, keysOfShards: [KEYS] },
    open: () => {
      const redis = connectForMessages(`redis://127.0.0.1:${proxy.port}`)
      opened.push(redis)
      return redis
    },
    intervalMs: 100,
    now: () => 0,
    knownSettings: () => '',
    onReading: () => {},
    onMove: () => {},
    onRefused: (error) => { throw error }
  })
  t.teardown(() => feed.close())
  feed.haveRead({ redisTimeMs: 0 } as QueueReading)
  const [redis] = opened as [Redis]
  const isSubscribed = async () => (await commands.pubsub('NUMSUB', KEYS.readings) as [string, number])[1] === 1
  let connections = 0
  redis.on('ready', () => {
    connections++
    if (connections === 3) proxy.stall()
  })
  await eventually('it listens', isSubscribed)
  proxy.reset()
  await eventually('it listens again', async () => connections === 2 && await isSubscribed())
  proxy.reset()
  await eventually('Redis does not answer', () => connections === 3)
  const ended = new Promise((resolve) => { redis.once('end', resolve) })
  feed.close()
  // The end of the connection waits behind the stalled bytes.
  proxy.reset()
  await ended
})
