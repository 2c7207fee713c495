/*
 * An embedded Redis in a process of its own, for the tests that kill one. Started with a data directory, it prints one
 * line of JSON when Redis is ready. `hold` keeps it alive until SIGTERM; otherwise nothing but Redis could keep it
 * alive.
 */
import { pino } from 'pino'
import { EmbeddedRedis } from '../../../../services/redis/embedded/embedded-redis.ts'
import { pidOf } from './setup.ts'

const [, , dataDir, mode] = process.argv
if (dataDir === undefined) throw new Error('the tests start this file, with a data directory')

const redis = new EmbeddedRedis({ dataDir, appendfsync: 'always', log: pino({ level: 'silent' }) })
await redis.start()
process.stdout.write(`${JSON.stringify({ isOwner: redis.isOwner, serverPid: await pidOf(redis) })}\n`)

if (mode === 'hold') {
  const hold = setInterval(() => {}, 60_000)
  process.once('SIGTERM', async () => {
    await redis.stop()
    clearInterval(hold)
  })
}
