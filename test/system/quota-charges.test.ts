/*
 * Random posts of two organizations while Redis is killed, hangs or is full, load is shed, and the service is killed.
 * In the end the charge of each organization is the events that were answered as stored. The quota is so slow that it
 * gives back one event in a hundred seconds.
 */
import { join } from 'node:path'
import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { integer, pick, randomOf } from '../../rig/random.ts'
import { redisCommand } from '../../rig/redis-command.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer } from '../../rig/spawned-server.ts'
import { QuotaPosts } from './quota-posts.ts'

const SEEDS = [2, 3, 4]
const STEPS = 8
const BURST = 450
const MS_PER_EVENT = 100_000
const COMMAND_TIMEOUT_MS = 10_000

const redis = await startRedis(t, { appendonly: true })
const start = () => startReadyServer(t, {
  REDIS_URL: redis.url, DATA_DIR: join(redis.folder, 'data'), ROLE: 'api', SPOOL_CLASSES: 'critical',
  ENABLE_BACKPRESSURE: 'false', REDIS_COMMAND_TIMEOUT_MS: '300'
})
let server = await start()
await patch({ quotas: { default: { eventsPerSecond: 1_000 / MS_PER_EVENT, burst: BURST } } })

async function patch (settings: object): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1/settings`, {
    method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: JSON.stringify(settings)
  })
  if (!answer.ok) throw new Error(await answer.text())
}

const shed = async (isShed: boolean) => {
  const thresholds = isShed
    ? { recovery: 1, warning: 2, critical: 3, hardLimit: 1_000_000 }
    : { recovery: 100_000, warning: 200_000, critical: 300_000, hardLimit: 1_000_000 }
  await patch({ backpressure: { mode: String(isShed), thresholds } })
}

const refuse = async (isFull: boolean) => {
  await redisCommand(redis.path, `CONFIG SET maxmemory ${isFull ? 1 : 0}`, COMMAND_TIMEOUT_MS)
}

async function isReady (): Promise<boolean> {
  return (await fetch(`${server.url}/api/v1/health/readiness?startup=true`)).ok
}

async function restore (): Promise<void> {
  redis.resume()
  await redis.start()
  await refuse(false)
  await eventually('the queue can store', isReady)
  await shed(false)
}

const FAULTS: Readonly<Record<string, () => Promise<void>>> = {
  'killed': () => redis.kill(),
  'hung': async () => { redis.pause() },
  'killed while it hung': async () => {
    redis.pause()
    await redis.kill()
  },
  'full': () => refuse(true),
  'shed': () => shed(true),
  'none': async () => {}
}

const seen = new Set<string>()

for (const seed of SEEDS) {
  t.test(`what is charged is what was answered as stored, after the faults of seed ${seed}`, async (t) => {
    const random = randomOf(seed, 'quota-charges')
    const organizations = [`acme-${seed}`, `globex-${seed}`]
    const posts = new QuotaPosts(() => server.url, random, organizations, seen)
    const from = performance.now()
    const killAt = seed % 3 === 0 ? integer(random, 2, STEPS - 3) : undefined
    const faults: string[] = []
    const post = () => { for (let left = integer(random, 2, 6); left > 0; left--) posts.begin() }
    for (let step = 0; step < STEPS; step++) {
      const fault = pick(random, Object.keys(FAULTS))
      faults.push(fault)
      post()
      // Half of the time the posts before the fault are on their way when it comes.
      if (random() < 0.5) await posts.settled()
      await FAULTS[fault]!()
      post()
      if (step === killAt) {
        faults.push('service killed')
        await server.kill('SIGKILL')
        await posts.settled()
        redis.resume()
        await redis.start()
        await refuse(false)
        server = await start()
        await eventually('the process that was killed is no replica any more', async () => {
          const { members } = await (await fetch(`${server.url}/api/v1/fleet`)).json() as { members: unknown[] }
          return members.length === 1
        })
        posts.forget()
      }
      if (random() < 0.7) await posts.settled()
      await restore()
    }
    await posts.settled()
    await restore()
    for (const organizationId of organizations) {
      const { stored, unknown } = posts.told.get(organizationId)!
      const charged = BURST - await posts.left(organizationId)
      const cameBack = Math.floor((performance.now() - from) / MS_PER_EVENT)
      const message = `${organizationId}: ${charged} charged, ${stored} stored, ${unknown} unknown; ${faults}`
      t.ok(charged >= stored - cameBack && charged <= stored + unknown, message)
      t.ok(stored > 0, 'some were stored')
    }
  })
}

t.test('the sequences had every kind of answer', async (t) => {
  const kinds = ['accepted', 'duplicate', 'invalid', 'shed', 'unknown', 'cut', '400', '409', '503']
  t.strictSame(kinds.filter((kind) => !seen.has(kind)), [])
})
