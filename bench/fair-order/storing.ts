import { setImmediate as nextTurn } from 'node:timers/promises'
import { withOwner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import type { QueuedEvent } from '../../services/event/event.ts'
import { EventBatcher } from '../../services/intake/batcher.ts'
import { FairOrder, type FairOrderMode } from '../../services/organizations/fair-order.ts'
import { Shards } from '../../services/queue/shards.ts'
import { connectForCommands } from '../../services/redis/connection.ts'

/** The costs of storing events, and the size of their batches. */
export interface Storing {
  readonly eventsPerBatch: number
  /** CPU time of this process and of Redis for each event; microseconds. */
  readonly processMicros: number
  readonly redisMicros: number
}

const EVENTS = 200_000
const EVENTS_PER_TURN = 400
const MOST_EVENTS = 128
const LIFE_MS = 3_600_000

/** Stores events of organizations that come in turns of the event loop, and that nobody takes: all have a backlog. */
export async function store (organizations: number, mode: FairOrderMode): Promise<Storing> {
  let storing: Storing | undefined
  await withOwner(async (owner) => {
    const redis = await startRedis(owner)
    const connection = connectForCommands(redis.url)
    const fairOrder = new FairOrder({ mode: () => mode, costOf: () => 1, weightOf: () => 1 })
    const options = { idempotencyTtlMs: LIFE_MS, receiptTtlMs: LIFE_MS, mostReceipts: 1_000, fairOrder }
    const queue = new Shards(connection, 'bench', options, () => {})
    let batches = 0
    const batcher = new EventBatcher({
      shardOf: () => 0,
      maxEvents: MOST_EVENTS,
      maxBytes: 1_000_000,
      fairOrder,
      write: async (batch) => {
        batches++
        await queue.add(batch)
      }
    })
    const storeEvents = async (count: number) => {
      for (let stored = 0; stored < count; stored += EVENTS_PER_TURN) {
        for (let index = 0; index < EVENTS_PER_TURN; index++) {
          batcher.add(eventOf(stored + index, organizations), { bytes: 100 }, () => {})
        }
        await nextTurn()
        if (batcher.unwritten > 10 * EVENTS_PER_TURN) await batcher.drain()
      }
      await batcher.drain()
    }
    const redisMicros = async () => {
      const cpu = await connection.info('cpu')
      const seconds = [...cpu.matchAll(/used_cpu_(?:user|sys):([\d.]+)/g)].map(([, value]) => Number(value))
      return 1_000_000 * seconds.reduce((sum, value) => sum + value, 0)
    }
    await storeEvents(EVENTS / 4)
    batches = 0
    const [before, redisBefore] = [process.cpuUsage(), await redisMicros()]
    await storeEvents(EVENTS)
    const { user, system } = process.cpuUsage(before)
    storing = {
      eventsPerBatch: EVENTS / batches,
      processMicros: (user + system) / EVENTS,
      redisMicros: (await redisMicros() - redisBefore) / EVENTS
    }
    await queue.close()
    connection.disconnect()
  })
  return storing as unknown as Storing
}

/** The load of the n-th organization is about proportional to 1/n. */
function eventOf (number: number, organizations: number): QueuedEvent {
  const share = (number * 0.618_033_988_749_895) % 1
  const organization = Math.floor((organizations + 1) ** share) - 1
  return {
    id: `e${number}`, type: 'reading', payload: { value: number }, priority: 5, receivedAt: '2026-03-01T10:00:00.000Z',
    organizationId: `organization-${organization}`
  }
}
