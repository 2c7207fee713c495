/* The first answer of a route after a start. The bar is in CPU time, which other work does not lengthen by much. */
import t from 'tap'
import { startMeteredService } from '../../rig/metered-service.ts'
import { startRedis } from '../../rig/redis.ts'

const MOST_TURN_MS = 50
const PATHS = [
  '/api/v1/metrics/queue', '/api/v1/metrics/queue/summary', '/api/v1/settings', '/api/v1/health', '/api/v1/fleet',
  '/api/v1/metrics/ledger', '/api/v1/events', '/api/v1/dead-letters', '/api/v1/dead-letters/replays', '/api/v1/keys'
]

t.test('the first answer of a route compiles nothing', async (t) => {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, { REDIS_URL: redis.url })
  for (const path of PATHS) {
    const { longestTurnMs, result } = await service.measure(async () => {
      const answer = await fetch(service.url + path)
      await answer.text()
      return answer.status
    })
    t.equal(result, 200, path)
    t.ok(longestTurnMs <= MOST_TURN_MS, `${path} takes a turn of ${Math.round(longestTurnMs)} ms`)
  }
})
