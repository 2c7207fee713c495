import t from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startProxy } from '../../../rig/tcp-proxy.ts'
import { Capacity } from '../../../services/control/capacity.ts'
import { Forecasting } from '../../../services/forecast/forecasting.ts'
import { MOST_LEARNED_BYTES } from '../../../services/forecast/learned-record.ts'
import { connectPatiently } from '../../patient-connection.ts'
import { readingOf } from '../admission/setup.ts'

const THRESHOLDS = { recovery: 100, warning: 500, critical: 1_000, hardLimit: 5_000 }
const KEY = '{spillway:0}:forecast'

t.test('a record that does not come holds nothing up, and is read once Redis answers', async (t) => {
  const redis = await startRedis(t)
  const proxy = await startProxy(t, redis.path)
  const client = connectPatiently(`redis://127.0.0.1:${proxy.port}`)
  t.teardown(async () => { client.disconnect() })
  await eventually('Redis answers', async () => await client.ping() === 'PONG')
  let broken = 0
  const forecasting = new Forecasting({
    redis: client, key: KEY, sampleIntervalMs: 100, demand: { capacity: new Capacity(), foresee: () => {} },
    mode: () => 'act',
    onAct: () => {}, onSettled: () => {}, onBroken: () => { broken++ }
  })
  await client.set(KEY, 'x'.repeat(4 * MOST_LEARNED_BYTES))
  proxy.stall()
  for (let second = 0; second < 50; second++) {
    const reading = readingOf({}, { redisTimeMs: 1_000_000 + second * 1_000 })
    t.equal(forecasting.observe(reading, THRESHOLDS, false), undefined)
  }
  t.equal(forecasting.loop, undefined)
  t.strictSame(forecasting.state.forecast, [])
  proxy.resume()
  await eventually('the record is read', () => forecasting.loop)
  t.equal(broken, 1, 'read once, however many readings came meanwhile')
})
