import t, { type Test } from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { connectPatiently } from '../../patient-connection.ts'
import { redisRemedy } from '../../../services/redis/redis-remedy.ts'

/** The first error of a connection. */
async function firstError (t: Test, address: string): Promise<string> {
  const redis = connectPatiently(address)
  t.teardown(() => { redis.disconnect() })
  let message: string | undefined
  redis.on('error', (error: Error) => { message ??= error.message })
  return eventually('the connection fails', () => message)
}

t.test('tells a Redis that wants a password from a wrong password and from one that is not there', async (t) => {
  const redis = await startRedis(t)
  const admin = connectPatiently(redis.url)
  t.teardown(() => { admin.disconnect() })
  await eventually('it is connected', () => admin.status === 'ready')
  await admin.config('SET', 'requirepass', 'the-password')
  t.match(redisRemedy(await firstError(t, redis.url)), /requires a password.*REDIS_URL/)
  admin.disconnect()
  const wrong = redis.url.replace('unix://', 'unix://:another@')
  t.match(redisRemedy(await firstError(t, wrong)), /refuses the user or the password.*percent-encode/)
  await redis.kill()
  t.match(redisRemedy(await firstError(t, redis.url)), /check that it runs/)
})
