/*
 * Sums the readings of all shards to one reading of the queue. A shard without an answer keeps its last known figures:
 * its events are still there, and count as depth. Data that exists once comes from the first shard.
 */
import { sum } from '../admission/sum.ts'
import type { MemoryReading } from '../admission/memory.ts'
import { capacityBytesOf } from '../admission/memory.ts'
import { addBookings } from '../ledger/ledger.ts'
import { balanceOf, type Balance } from '../ledger/balance.ts'
import type { QueueReading } from './reading.ts'

/** @param readings by number of the shard, of all shards that have ever answered; the first one is there */
export function sumReadings (readings: readonly QueueReading[], awayShards: readonly number[]): QueueReading {
  const [first] = readings
  if (first === undefined) throw new TypeError('no shard has been read')
  if (readings.length === 1 && awayShards.length === 0) return first
  const all = <Name extends keyof QueueReading>(name: Name) => readings.map((reading) => reading[name])
  const ledger = all('ledger').reduce(addBookings)
  return {
    ...first,
    ...(awayShards.includes(0) && { redisTimeMs: Math.max(...all('redisTimeMs')) }),
    depthByPriority: addSlots(all('depthByPriority')),
    activeByPriority: addSlots(all('activeByPriority')),
    delayedByPriority: addSlots(all('delayedByPriority')),
    enqueuedByPriority: addSlots(all('enqueuedByPriority')),
    done: sum(all('done')),
    dead: sum(all('dead')),
    expired: sum(all('expired')),
    ledger,
    balance: balanceOfShards(balanceOf(ledger), all('balance')),
    jobs: addFields(all('jobs')),
    isPaused: all('isPaused').some((isPaused) => isPaused),
    pausedForMs: Math.max(...all('pausedForMs')),
    oldestWaitingMsByPriority: oldest(all('oldestWaitingMsByPriority')),
    memory: fullest(all('memory')),
    rememberedIds: sum(all('rememberedIds')),
    awayShards
  }
}

/** Differences of two shards must not cancel each other out. */
function balanceOfShards (whole: Balance, balances: readonly Balance[]): Balance {
  return {
    ...whole,
    imbalance: {
      admission: whole.imbalance.admission,
      queue: sum(balances.map(({ imbalance }) => imbalance.queue))
    }
  }
}

function addSlots (lists: readonly (readonly number[])[]): number[] {
  const [first = []] = lists
  return first.map((_, slot) => sum(lists.map((list) => list[slot] ?? 0)))
}

function addFields<Name extends string> (records: readonly Readonly<Record<Name, number>>[]): Record<Name, number> {
  const names = Object.keys(records[0] ?? {}) as Name[]
  const sums = names.map((name) => [name, sum(records.map((record) => record[name]))])
  return Object.fromEntries(sums) as Record<Name, number>
}

function oldest (lists: QueueReading['oldestWaitingMsByPriority'][]): (number | null)[] {
  const [first = []] = lists
  return first.map((_, slot) => {
    const known = lists.map((list) => list[slot]).filter((waitedMs) => waitedMs != null)
    return known.length === 0 ? null : Math.max(...known)
  })
}

/** The memory of the server that is nearest to its bound: all shards may be on one. */
function fullest (readings: readonly MemoryReading[]): MemoryReading {
  return readings.reduce((worst, memory) => shareOf(memory) > shareOf(worst) ? memory : worst)
}

function shareOf (memory: MemoryReading): number {
  return memory.usedBytes / (capacityBytesOf(memory) ?? Infinity)
}
