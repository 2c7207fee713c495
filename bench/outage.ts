/*
 * Takes Redis away for a minute while events arrive, and checks that Spillway accepts all critical events, refuses the
 * others quickly, and in the end delivers every event that it answered with 202. Starts a Redis, a service with API and
 * worker and a consumer on loopback, and prints its counts. `--stop` hangs Redis (SIGSTOP) instead of ending it;
 * `--seconds=10` is shorter.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../rig/consumer.ts'
import { readOptions } from '../rig/options.ts'
import { withOwner } from '../rig/owner.ts'
import { startRedis } from '../rig/redis.ts'
import { quantile } from './median.ts'
import { metric, print, withService } from './service.ts'
import { SteadyLoad } from './steady-load.ts'

const WARM_UP_MS = 3_000
const PATIENCE_MS = 120_000

const FLAGS = { seconds: { type: 'string', default: '60' }, stop: { type: 'boolean', default: false } } as const
const { seconds, isHung } = readOptions(FLAGS, (reader) => ({
  seconds: reader.number('seconds', reader.values.seconds, { low: 1, high: 3_600 }), isHung: reader.values.stop
}))

await withOwner(async (owner) => {
  const redis = await startRedis(owner, { appendonly: true })
  const delivered = new Set<number>()
  const consumer = await startConsumer(owner, { keepsCalls: false })
  consumer.answer = ({ body }, reply) => {
    for (const { data } of JSON.parse(body) as { data: number }[]) delivered.add(data)
    reply.end()
  }
  await withService({ ROLE: 'all', REDIS_URL: redis.url, DELIVERY_URL: consumer.url }, async (url) => {
    const load = new SteadyLoad(url)
    await wait(WARM_UP_MS)
    load.mark('outage')
    if (isHung) redis.pause()
    else await redis.kill()
    await wait(seconds * 1_000)
    load.mark('after')
    if (isHung) redis.resume()
    else await redis.start()
    await wait(WARM_UP_MS)
    await load.stop()
    await report(url, load, delivered)
  })
})

async function report (url: string, { phases }: SteadyLoad, delivered: ReadonlySet<number>): Promise<void> {
  const during = phases.get('outage') ?? []
  const critical = during.filter(({ priority }) => priority === 1)
  const others = during.filter(({ priority }) => priority > 1)
  const times = others.map(({ ms }) => ms)
  print('critical events posted during the outage', critical.length)
  print('of these answered 202', critical.filter(({ status }) => status === 202).length)
  print('of these spooled', critical.filter(({ durability }) => durability === 'spooled').length)
  print('others posted during the outage', others.length)
  print(
    'of these 503 queue-unavailable',
    others.filter(({ status, reason }) => status === 503 && reason === 'queue-unavailable').length
  )
  print(
    'their answer, p50 / p99 / longest ms',
    [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(1)).join(' / ')
  )
  print('of these answered later than 50 ms', times.filter((ms) => ms > 50).length)
  const owed = [...phases.values()].flat().filter(({ status }) => status === 202)
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline && owed.some(({ seq }) => !delivered.has(seq))) await wait(200)
  print('answered 202 in all', owed.length)
  print('of these never delivered', owed.filter(({ seq }) => !delivered.has(seq)).length)
  await wait(1_000)
  for (const side of ['admission', 'queue'])
    print(`imbalance of the ledger, ${side}`, await metric(url, `spillway_ledger_imbalance{side="${side}"}`))
}
