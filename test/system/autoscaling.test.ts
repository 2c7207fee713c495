import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { WorkerAutoscaler } from '../../rig/autoscaler/worker-autoscaler.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import type { Owner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer } from '../../rig/spawned-server.ts'

const POST_INTERVAL_MS = 200

/** One worker does 2 batches of 5 events in 200 ms, which are 50 events per second: one is enough, then three are. */
const CALL_MS = 200
const WORKER = { BATCH_MAX_EVENTS: '5', RULE_ENGINE_WORKER_CONCURRENCY: '2' }
const LOW_EVENTS = 4
const HIGH_EVENTS = 28
const MOST_WORKERS = 5

/** Posts events at intervals and remembers their ids. */
class Wave {
  readonly promised = new Set<string>()
  readonly failures: string[] = []
  #events = LOW_EVENTS
  #isOver = false
  readonly #posting: Promise<void>

  constructor (owner: Owner, url: string) {
    this.#posting = this.#post(url)
    owner.teardown(() => this.stop())
  }

  set events (events: number) { this.#events = events }

  async stop (): Promise<void> {
    this.#isOver = true
    await this.#posting
  }

  async #post (url: string): Promise<void> {
    while (!this.#isOver) {
      const ids = Array.from({ length: this.#events }, (_, index) => `event-${this.promised.size + index}`)
      const body = JSON.stringify(ids.map((id) => ({ id, type: 'wave', payload: null })))
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/api/v1/events/batch`, { method: 'POST', headers, body })
      if (answer.status === 202) for (const id of ids) this.promised.add(id)
      else this.failures.push(`${answer.status} ${await answer.text()}`)
      await wait(POST_INTERVAL_MS)
    }
  }
}

t.test('an autoscaler follows a wave up and down once, and every event is delivered', async (t) => {
  const redis = await startRedis(t)
  const delivered = new Set<string>()
  const consumer = await startConsumer(t, {
    keepsCalls: false,
    onCall: ({ body }) => { for (const { id } of JSON.parse(body) as { id: string }[]) delivered.add(id) }
  })
  consumer.answer = (_call, reply) => { setTimeout(() => reply.end(), CALL_MS) }
  const env = {
    REDIS_URL: redis.url, DELIVERY_URL: consumer.url, SCALE_IN_AFTER_MS: '8000', SHUTDOWN_DELAY_MS: '0', ...WORKER
  }
  const api = await startReadyServer(t, { ...env, ROLE: 'api' })
  const ask = async () => {
    const answer = await fetch(`${api.url}/api/v1/autoscaling`, { headers: { connection: 'close' } })
    return answer.ok ? await answer.json() as { workers: { current: number, needed: number } } : undefined
  }
  const scaler = await WorkerAutoscaler.start(t, { url: api.url, env, lookMs: 500, most: MOST_WORKERS })
  const wave = new Wave(t, api.url)
  await eventually('one worker is enough', async () => delivered.size > 50 && (await ask())?.workers.needed === 1)

  wave.events = HIGH_EVENTS
  await eventually('workers come for the wave', async () => ((await ask())?.workers.current ?? 0) >= 3)
  const rise = [...scaler.counts]

  wave.events = LOW_EVENTS
  await eventually('they go after it', async () => (await ask())?.workers.current === 1)
  await wave.stop()
  await eventually('every event is delivered', () => delivered.size === wave.promised.size)
  await scaler.stop()

  const { counts } = scaler
  t.comment(`workers: ${counts.join(', ')}; ${scaler.reason}`)
  const peak = counts.indexOf(Math.max(...counts))
  t.strictSame(wave.failures, [])
  t.strictSame([...delivered].toSorted(), [...wave.promised].toSorted())
  t.strictSame([counts[0], counts.at(-1)], [1, 1])
  t.ok(Math.max(...rise) >= 3)
  t.strictSame(counts.slice(0, peak + 1), counts.slice(0, peak + 1).toSorted((a, b) => a - b), 'up without a reversal')
  t.strictSame(counts.slice(peak), counts.slice(peak).toSorted((a, b) => b - a), 'and down without one')
})
