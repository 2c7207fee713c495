/*
 * Replays 100,000 dead letters during live traffic, to see whether that slows down live events, and whether the replay
 * ends once there is room.
 *
 * Starts a Redis that syncs every write, an API, a worker and a consumer that needs CONSUMER_MS for each call, so that
 * the workers are the bottleneck. Rounds with and without a replay take turns, under a load that exceeds the capacity
 * of the workers and under one that leaves room. At the end the traffic stops and the replay runs to its end. Prints
 * the figures without a judgement.
 */
import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { DeadLetterStore } from '../services/dead-letters/dead-letter-store.ts'
import type { Replay } from '../services/dead-letters/replay.ts'
import { connectForCommands } from '../services/redis/connection.ts'
import { KEYS } from '../test/queue-keys.ts'
import { startConsumer } from '../rig/consumer.ts'
import { exchange } from '../rig/exchange.ts'
import { readOptions } from '../rig/options.ts'
import { withOwner } from '../rig/owner.ts'
import { startRedis } from '../rig/redis.ts'
import { startServer } from '../rig/spawned-server.ts'
import { median, quantile } from './median.ts'

const DEAD_LETTERS = 100_000
const { ROUNDS, ROUND_MS } = readOptions({
  rounds: { type: 'string', default: '4' },
  seconds: { type: 'string', default: '10' }
}, (reader) => ({
  ROUNDS: reader.number('rounds', reader.values.rounds, { low: 1, high: 100, isWhole: true }),
  ROUND_MS: reader.number('seconds', reader.values.seconds, { low: 1, high: 600 }) * 1_000
}))
const CONSUMER_MS = 50
const TICK_MS = 5
/** Events a second: above the capacity of 20 slots with 50 ms per call, and about half of it. */
const LOADS = { full: 900, half: 200 }
const THRESHOLDS = { QUEUE_RECOVERY_THRESHOLD: '200', QUEUE_WARNING_THRESHOLD: '400', QUEUE_CRITICAL_THRESHOLD: '800' }

interface Round {
  accepted: number
  shed: number
  failed: number
  acceptMs: number[]
  deliveredMs: number[]
  replayed: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 })
let round: Round | undefined
let replayedEvents = 0

await withOwner(async (owner) => {
  owner.teardown(() => agent.destroy())
  const consumer = await startConsumer(owner, { keepsCalls: false })
  consumer.answer = ({ body }, reply) => {
    for (const { data } of JSON.parse(body) as { data: { sentAt?: number } }[]) {
      if (data.sentAt === undefined) replayedEvents++
      else round?.deliveredMs.push(performance.now() - data.sentAt)
    }
    setTimeout(() => reply.end(), CONSUMER_MS)
  }
  const redis = await startRedis(owner, { appendonly: true })
  const env = { REDIS_URL: redis.url, LOG_LEVEL: 'info', DELIVERY_URL: consumer.url, ...THRESHOLDS }
  const { url } = await startServer(owner, { ...env, ROLE: 'api' }, { isMeasured: true })
  await startServer(owner, { ...env, ROLE: 'worker' }, { isMeasured: true })
  await fill(redis.url)

  await run(url, LOADS.full, false)
  for (const [name, rate] of Object.entries(LOADS)) {
    const rounds: Record<'with' | 'without', Round[]> = { with: [], without: [] }
    for (let index = 0; index < ROUNDS; index++) {
      for (const isWith of index % 2 === 0 ? [false, true] : [true, false])
        rounds[isWith ? 'with' : 'without'].push(await run(url, rate, isWith))
    }
    print(
      `\nload ${name}: ${rate} events/s offered, ${ROUNDS} rounds of ${ROUND_MS / 1_000} s each way`,
      'without',
      'with replay'
    )
    row('accepted', rounds, ({ accepted }) => accepted)
    row('shed', rounds, ({ shed }) => shed)
    row('failed', rounds, ({ failed }) => failed)
    row('202 after, p50 ms', rounds, ({ acceptMs }) => quantile(acceptMs, 0.5))
    row('202 after, p99 ms', rounds, ({ acceptMs }) => quantile(acceptMs, 0.99))
    row('delivered after, p50 ms', rounds, ({ deliveredMs }) => quantile(deliveredMs, 0.5))
    row('delivered after, p99 ms', rounds, ({ deliveredMs }) => quantile(deliveredMs, 0.99))
    row('dead letters replayed meanwhile', rounds, ({ replayed }) => replayed)
  }

  const startedAt = performance.now()
  const { id, matched } = await begin(url)
  let replay = await state(url, id)
  while (replay.status !== 'done') {
    await wait(100)
    replay = await state(url, id)
  }
  const seconds = (performance.now() - startedAt) / 1_000
  print(`\nafter the traffic, ${matched} dead letters were left`, '')
  print('replayed / skipped', `${replay.replayed} / ${replay.skipped}`)
  print('seconds, dead letters/s', `${seconds.toFixed(1)}, ${Math.round(replay.replayed / seconds)}`)
  await drained(url)
  print('dead letters delivered in all, of those stored', `${replayedEvents} of ${DEAD_LETTERS}`)
})

async function fill (address: string): Promise<void> {
  const connection = connectForCommands(address)
  await new Promise<void>((resolve) => { connection.once('ready', resolve) })
  const store = new DeadLetterStore(connection, KEYS, { mostDeadLetters: 1_000_000, onDiscarded: () => {} })
  for (let first = 0; first < DEAD_LETTERS; first += 500) {
    await store.add(
      `batch-${first}`,
      Array.from({ length: 500 }, (_, index) => ({
        index,
        deadLetter: {
          event: {
            id: `dead-letter-${first + index}`,
            type: 'telemetry-data',
            payload: { note: 'x'.repeat(100) },
            priority: 5,
            receivedAt: new Date().toISOString()
          },
          reason: 'attempts-exhausted' as const,
          error: 'no',
          attempts: 3
        }
      }))
    )
  }
  connection.disconnect()
}

/** One round of traffic on a queue that was empty before. */
async function run (url: string, rate: number, isWithReplay: boolean): Promise<Round> {
  await drained(url)
  const begun = isWithReplay ? await begin(url) : undefined
  const own: Round = { accepted: 0, shed: 0, failed: 0, acceptMs: [], deliveredMs: [], replayed: 0 }
  round = own
  const startedAt = performance.now()
  const open: Promise<void>[] = []
  let sent = 0
  for (let now = startedAt; now < startedAt + ROUND_MS; now = performance.now()) {
    // Posts do not wait for answers, so that delays are measured.
    for (const due = (now - startedAt) * rate / 1_000; sent < due; sent++)
      open.push(send(url, own, sent % 4 === 0 ? 8 : 5))
    await wait(TICK_MS)
  }
  await Promise.all(open)
  if (begun !== undefined)
    own.replayed =
      (await (await fetch(`${url}/api/v1/dead-letters/replays/${begun.id}`, { method: 'DELETE' })).json() as Replay)
        .replayed
  await drained(url)
  round = undefined
  return own
}

async function send (url: string, own: Round, priority: number): Promise<void> {
  const sentAt = performance.now()
  const body = JSON.stringify({ type: 'telemetry-data', payload: { sentAt, note: 'x'.repeat(100) } })
  const answer = await exchange(`${url}/api/v1/events`, body, {
    agent,
    headers: { 'x-event-priority': String(priority) }
  }).catch(() => undefined)
  if (answer?.status === 202) {
    own.accepted++
    own.acceptMs.push(performance.now() - sentAt)
  } else if (answer?.status === 503) {
    own.shed++
  } else {
    own.failed++
  }
}

async function begin (url: string): Promise<Replay> {
  const answer = await fetch(`${url}/api/v1/dead-letters/replay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"filter":{}}'
  })
  return await answer.json() as Replay
}

async function state (url: string, id: string): Promise<Replay> {
  return await (await fetch(`${url}/api/v1/dead-letters/replays/${id}`)).json() as Replay
}

async function drained (url: string): Promise<void> {
  for (;;) {
    const { queueDepth, circuitState } = await (await fetch(`${url}/api/v1/metrics/queue/summary`)).json() as {
      queueDepth: number | null,
      circuitState: string
    }
    if (queueDepth === 0 && circuitState === 'CLOSED') return
    await wait(50)
  }
}

function row (what: string, rounds: Record<'with' | 'without', Round[]>, measure: (round: Round) => number): void {
  const [without, including] = [rounds.without, rounds.with].map((all) => {
    const values = all.map(measure)
    return `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`
  }) as [string, string]
  print(`  ${what}`, without, including)
}

function print (what: string, first: number | string, second = ''): void {
  process.stdout.write(`${what.padEnd(66)} ${String(first).padEnd(32)} ${second}\n`)
}
