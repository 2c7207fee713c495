/*
 * Measures how one refused event, one worker that cannot reach the consumer, and one absurd Retry-After affect all
 * other events. It runs an API and five workers under a steady load, and for each kind of poison a window with it and
 * one without. Prints the p99 of the time from the post to the answer of the consumer, with and without, and their
 * ratio.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../rig/consumer.ts'
import { withOwner } from '../rig/owner.ts'
import { startRedis } from '../rig/redis.ts'
import { quantile } from './median.ts'
import { print, withService } from './service.ts'

interface Data { postedAt: number, window: number, poison?: string }

const WINDOW_MS = 3_000
const TICK_MS = 50
const EVENTS_PER_POST = 20
const POSTS_PER_TICK = 2
const ROUNDS = 2
const PATIENCE_MS = 10_000
const GOOD_WORKERS = 4
const REFUSED_PORT = 9
const STATUSES: Record<string, number> = {
  503: 503, 429: 429, 500: 500, 408: 408, 400: 400, 413: 413, 302: 302, 'absurd-retry-after': 503
}
const KINDS = [...Object.keys(STATUSES), 'reset']

const waits = new Map<number, number[]>()

await withOwner(async (owner) => {
  const redis = await startRedis(owner, { appendonly: true, appendfsync: 'everysec' })
  const consumer = await startConsumer(owner, { keepsCalls: false })
  consumer.answer = ({ body }, reply, { socket }) => {
    const events = JSON.parse(body) as { data: Data }[]
    const poison = events.find(({ data }) => data.poison !== undefined)?.data.poison
    if (poison === 'reset') return void socket.destroy()
    if (poison !== undefined) {
      const headers = poison === 'absurd-retry-after' ? { 'retry-after': '1000000000' } : {}
      return void reply.writeHead(STATUSES[poison] ?? 400, headers).end()
    }
    for (const { data } of events) waits.get(data.window)?.push(performance.now() - data.postedAt)
    reply.end()
  }
  const shared = {
    REDIS_URL: redis.url,
    LOG_LEVEL: 'info',
    RULE_ENGINE_WORKER_CONCURRENCY: '4',
    DELIVERY_MAX_DEFERRALS: '3',
    RETRY_BACKOFF_MS: '200'
  }
  const good = { ...shared, ROLE: 'worker', DELIVERY_URL: consumer.url }
  const bad = { ...good, DELIVERY_URL: `http://127.0.0.1:${REFUSED_PORT}/` }
  await withService({ ...shared, ROLE: 'api' }, async (url) => {
    await withWorkers(GOOD_WORKERS, good, async () => {
      await withService(good, async () => {
        await runWindow(url, undefined)
        for (const kind of KINDS) {
          const pairs: [number[], number[]][] = []
          for (let round = 0; round < ROUNDS; round++) {
            pairs.push([await runWindow(url, undefined), await runWindow(url, kind)])
          }
          report(`one event, ${kind}`, pairs)
        }
      })
      const pairs: [number[], number[]][] = []
      for (let round = 0; round < ROUNDS; round++) {
        let without: number[] = []
        await withService(good, async () => { without = await runWindow(url, undefined) })
        await withService(bad, async () => { pairs.push([without, await runWindow(url, undefined)]) })
      }
      report('one worker of five cannot connect', pairs)
    })
  })
})

async function withWorkers (count: number, env: Record<string, string>, run: () => Promise<void>): Promise<void> {
  if (count === 0) return await run()
  await withService(env, async () => await withWorkers(count - 1, env, run))
}

/** Posts for a window, with one poison event in its middle, and returns the times of all other events. */
async function runWindow (url: string, poison: string | undefined): Promise<number[]> {
  const window = waits.size
  const times: number[] = []
  waits.set(window, times)
  let posted = 0
  const posts: Promise<unknown>[] = []
  const ticks = WINDOW_MS / TICK_MS
  for (let tick = 0; tick < ticks; tick++) {
    for (let post = 0; post < POSTS_PER_TICK; post++) {
      const data = Array.from({ length: EVENTS_PER_POST }, (): Data => ({ postedAt: performance.now(), window }))
      const culprit = data[EVENTS_PER_POST / 2]
      if (poison !== undefined && post === 0 && tick === ticks / 4 && culprit !== undefined) culprit.poison = poison
      posted += data.filter((one) => one.poison === undefined).length
      const body = JSON.stringify(data.map((payload) => ({ type: 'bench', payload })))
      posts.push(
        fetch(`${url}/api/v1/events/batch`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body
        }).then((answer) => answer.text())
      )
    }
    await wait(TICK_MS)
  }
  await Promise.all(posts)
  const deadline = performance.now() + PATIENCE_MS
  while (times.length < posted && performance.now() < deadline) await wait(TICK_MS)
  if (times.length < posted) {
    print(`${poison ?? 'none'}: not delivered within ${PATIENCE_MS / 1_000} s`, posted - times.length)
  }
  return times
}

function report (what: string, pairs: readonly [without: number[], withIt: number[]][]): void {
  const [before, after] = ([0, 1] as const).map((side) => quantile(pairs.flatMap((pair) => pair[side]), 0.99)) as [
    number,
    number
  ]
  print(
    `${what}: p99 ms without / with / ratio`,
    `${before.toFixed(1)} / ${after.toFixed(1)} / ${(after / before).toFixed(2)}`
  )
}
