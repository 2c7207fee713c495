import t, { type Test } from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import { freePort } from '../../../rig/free-port.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startReplicated, startSentinel } from '../../../rig/replicated.ts'
import { connectPatiently } from '../../patient-connection.ts'
import type { RedisAddress } from '../../../services/redis/redis-address.ts'
import { redisRemedy } from '../../../services/redis/redis-remedy.ts'

/** The first error of a connection. */
async function firstError (t: Test, address: RedisAddress): Promise<string> {
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

t.test('tells what is wrong with Sentinels or with the keys that lead to them', async (t) => {
  const replicated = await startReplicated(t)
  const { masterPort } = replicated
  const sentinelPort = Number((await startSentinel(t, replicated)).REDIS_SENTINELS?.split(':')[1])
  const remedy = async (port: number, name = 'mymaster', password?: string) => {
    const nodes = [{ host: '127.0.0.1', port }]
    const sentinels = { nodes, name, ...(password !== undefined && { password }) }
    return redisRemedy(await firstError(t, { url: 'redis://mymaster', sentinels }))
  }
  t.match(await remedy(sentinelPort, 'another'), /REDIS_SENTINEL_NAME/)
  t.match(redisRemedy('All sentinels are unreachable. Retrying from scratch after 200ms.'), /master that they name does not/)
  t.match(await remedy(masterPort), /REDIS_SENTINELS names a server that is no Sentinel/)
  const admin = connectPatiently(`redis://127.0.0.1:${sentinelPort}`)
  t.teardown(() => { admin.disconnect() })
  await eventually('it is connected', () => admin.status === 'ready')
  await admin.call('ACL', 'SETUSER', 'default', 'resetpass', '>the-password')
  t.match(await remedy(sentinelPort), /set REDIS_SENTINEL_PASSWORD/)
  t.match(await remedy(sentinelPort, 'mymaster', 'another'), /refuse REDIS_SENTINEL_PASSWORD/)
  t.match(await remedy(await freePort()), /check that Sentinels run/)
})
