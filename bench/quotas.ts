/*
 * Takes Redis away from three API processes while an organization posts critical events at twice its quota, behind an
 * even and a skewed balancer, with a strict and a loose quota. Prints what they admit before, what each replica admits
 * while Redis is away, and the ten seconds that begin five seconds after it is back. npm run bench:quotas
 */
import { setTimeout as wait } from 'node:timers/promises'
import { readOptions } from '../rig/options.ts'
import { withOwner } from '../rig/owner.ts'
import { startRedis } from '../rig/redis.ts'
import { startReadyServer } from '../rig/spawned-server.ts'
import { table } from '../rig/table.ts'
import { Producers } from './quotas/producers.ts'
import { ROOMY } from './service.ts'

const PER_SECOND = 200
const TIMES = 2
const REPLICAS = 3
const WARM_UP_MS = 5_000
const MEASURED_MS = 10_000
/** Replicas know that Redis is away, and have used what they had saved. */
const UNTIL_AWAY_MS = 5_000
const UNTIL_AGREED_MS = 5_000

const BALANCERS = {
  'even': [0, 1, 2],
  // 80, 15 and 5 %.
  'skewed': Array.from({ length: 20 }, (_, place) => place < 16 ? 0 : place < 19 ? 1 : 2)
}

const { seconds, seed } = readOptions({
  seconds: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' }
}, (reader) => ({
  seconds: reader.number('seconds', reader.values.seconds, { low: 10, high: 3_600 }),
  seed: reader.number('seed', reader.values.seed, { low: 1, high: 1_000_000, isWhole: true })
}))

const rows: string[][] = []
for (const whileAway of ['strict', 'loose'] as const) {
  for (const [balancer, lot] of Object.entries(BALANCERS)) {
    rows.push([whileAway, balancer, ...await run(whileAway, lot)])
    process.stderr.write(`${whileAway}, ${balancer}: done\n`)
  }
}
process.stdout.write(`${table([
  'while away', 'balancer', 'before, %', 'while away, % of each replica', 'together, %', 'after, %', 'other answers'
], rows)}\n`)

/** Returns the parts of the quota that were admitted, in percent. */
async function run (whileAway: 'strict' | 'loose', lot: readonly number[]): Promise<string[]> {
  return await withOwner(async (owner) => {
    const redis = await startRedis(owner, { appendonly: true })
    const urls: string[] = []
    for (let replica = 0; replica < REPLICAS; replica++) {
      const env = { ...ROOMY, REDIS_URL: redis.url, ROLE: 'api', SPOOL_CLASSES: 'critical', MAX_EVENT_LOOP_DELAY_MS: '0' }
      urls.push((await startReadyServer(owner, env, { isMeasured: true })).url)
    }
    const settings = { quotas: { whileAway, organizations: { acme: { eventsPerSecond: PER_SECOND } } } }
    const answer = await fetch(`${urls[0]}/api/v1/settings`, {
      method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: JSON.stringify(settings)
    })
    if (!answer.ok) throw new Error(await answer.text())
    await wait(WARM_UP_MS)
    const producers = new Producers(urls, lot, TIMES * PER_SECOND, seed)
    await wait(WARM_UP_MS + MEASURED_MS)
    const goneAt = performance.now()
    await redis.kill()
    await wait(seconds * 1_000)
    const backAt = performance.now()
    await redis.start()
    await wait(UNTIL_AGREED_MS + MEASURED_MS)
    await producers.stop()
    const percent = (fromMs: number, toMs: number, replica?: number) => {
      const events = producers.admitted.filter((event) =>
        event.atMs >= fromMs && event.atMs < toMs && (replica === undefined || event.replica === replica)).length
      return (events * 100_000 / (PER_SECOND * (toMs - fromMs))).toFixed(1)
    }
    const awayFrom = goneAt + UNTIL_AWAY_MS
    const agreedAt = backAt + UNTIL_AGREED_MS
    return [
      percent(goneAt - MEASURED_MS, goneAt),
      urls.map((_url, replica) => percent(awayFrom, backAt, replica)).join(' / '),
      percent(awayFrom, backAt),
      percent(agreedAt, agreedAt + MEASURED_MS),
      [...producers.others].map(([outcome, count]) => `${count} × ${outcome}`).join(', ') || 'none'
    ]
  })
}
