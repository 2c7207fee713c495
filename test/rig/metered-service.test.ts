import t from 'tap'
import { startMeteredService } from '../../rig/metered-service.ts'
import { startRedis } from '../../rig/redis.ts'

t.test('a service that measures itself tells cheap requests from expensive ones', async (t) => {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, { REDIS_URL: redis.url })
  const get = async (path: string) => (await fetch(`${service.url}${path}`)).text()
  const nothing = await service.measureLeast(async () => {})
  const request = await service.measureLeast(() => get('/api/v1/health/liveness'))
  const hundred = await service.measureLeast(() => Promise.all(Array.from({ length: 100 }, () => get('/openapi.json'))))
  t.equal(request.result.includes('alive'), true)
  t.ok(nothing.cpuMs < hundred.cpuMs, 'CPU time of the requests is in the sum')
  t.ok(hundred.longestTurnMs > 0 && hundred.longestTurnMs <= hundred.cpuMs + 2, 'no turn is longer than all of them')
  t.ok(nothing.peakBytes > 20_000_000)
})
