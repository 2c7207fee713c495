import type { Test } from 'tap'
import type { DeadLetter } from '../../../services/dead-letters/dead-letter.ts'
import { DeadLetterStore } from '../../../services/dead-letters/dead-letter-store.ts'
import { ReplayEngine, type ReplayEngineOptions } from '../../../services/dead-letters/replay-engine.ts'
import { ReplayStore } from '../../../services/dead-letters/replay-store.ts'
import type { Replay, ReplaySelection } from '../../../services/dead-letters/replay.ts'
import { Replays } from '../../../services/dead-letters/replays.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { RedisProcess } from '../../../rig/redis.ts'
import { startQueue, type QueueForTest } from '../queue/setup.ts'

export function deadLetterOf (
  id: string,
  more: Partial<QueuedEvent> = {},
  about: Partial<DeadLetter> = {}
): DeadLetter {
  return {
    event: { id, type: 'x', payload: id, priority: 5, receivedAt: '2026-03-01T10:00:00.000Z', attempt: 3, ...more },
    reason: 'attempts-exhausted',
    error: 'no',
    attempts: 3,
    ...about
  }
}

/** Stores dead letters as those of one batch. */
export async function storeDeadLetters (
  store: DeadLetterStore,
  batchId: string,
  deadLetters: readonly DeadLetter[]
): Promise<void> {
  await store.add(batchId, deadLetters.map((deadLetter, index) => ({ index, deadLetter })))
}

/** Begins a replay, for which there is room. */
export async function begin (replays: Replays, selection: ReplaySelection): Promise<Replay> {
  const outcome = await replays.begin(selection)
  if ('tooMany' in outcome) throw new Error(outcome.tooMany)
  return outcome.begun
}

export interface ReplayForTest extends QueueForTest {
  replays: Replays
  store: ReplayStore
  engine: ReplayEngine
  errors: Error[]
  /** One turn of the engine, as after a reading of the queue. */
  step: () => Promise<void>
}

/** A process that works on replays, as far as it matters: to leave it alone is to kill it. */
export async function startReplaying (
  t: Test,
  redis?: RedisProcess,
  { leaseMs, ...options }: Partial<ReplayEngineOptions> & { leaseMs?: number } = {}
): Promise<ReplayForTest> {
  const started = await startQueue(t, redis)
  const store = new ReplayStore(started.connection, started.queue, leaseMs)
  const errors: Error[] = []
  const engine = new ReplayEngine({
    deadLetters: started.deadLetters,
    replays: store,
    batchMaxEvents: 4,
    batchMaxBytes: 1_000_000,
    spareCapacity: () => ({ batches: 2, events: 8, reason: undefined }),
    now: () => performance.now(),
    onError: (error) => { errors.push(error) },
    ...options
  })
  const replays = new Replays(started.deadLetters, store, () => engine.wake())
  const step = async () => {
    engine.wake()
    // Not one that is as old as the last move.
    let reading = await started.queue.sample()
    const from = reading.redisTimeMs
    while (reading.redisTimeMs <= from) reading = await started.queue.sample()
    engine.observe(reading)
    await engine.idle()
  }
  return { ...started, replays, store, engine, errors, step }
}
