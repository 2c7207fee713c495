import t from 'tap'
import { spareCapacity, type Load } from '../../../services/dead-letters/spare-capacity.ts'
import type { HoldReason } from '../../../services/fleet/member.ts'
import { byPriority } from '../queue/setup.ts'
import { booked } from '../../booked.ts'

const WORKER = {
  id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '2026-03-01T10:00:00.000Z', handlers: ['delivery'],
  holds: []
}

interface Case {
  workers?: number[]
  /** How many of them are held. */
  held?: number
  active?: number
  waiting?: number
  low?: number
  depth?: number
  refusal?: string
  isPaused?: boolean
  pausedForMs?: number
  isLive?: boolean
  utilization?: number
  holds?: readonly HoldReason[][]
}

function load (
  {
    workers = [20],
    held = 0,
    active = 0,
    waiting = 0,
    low = 0,
    depth = low,
    refusal,
    isPaused = false,
    pausedForMs = 0,
    isLive = false,
    utilization = 0.1,
    holds = []
  }: Case
): Load {
  return {
    reading: {
      redisTimeMs: 0,
      depthByPriority: byPriority({ 10: low }),
      activeByPriority: byPriority({}),
      delayedByPriority: byPriority({}),
      enqueuedByPriority: byPriority({}),
      done: 0,
      dead: 0,
      expired: 0,
      ...booked({}),
      fleet: { members: [], skipped: 0 },
      jobs: { waiting, active, delayed: 0, unsettled: 0, failed: 0 },
      isPaused,
      pausedForMs,
      oldestWaitingMsByPriority: [],
      workers: workers.map((concurrency, index) => ({
        ...WORKER,
        concurrency,
        holds: holds[index] ?? (index < held ? ['consumer-unreachable'] : [])
      })),
      control: {},
      memory: { usedBytes: 0, maxBytes: 0, machineBytes: 0 },
      rememberedIds: 0,
      unfinishedReplays: 0,
      deadLetters: { kept: 0, bytes: 0, discarded: 0, replayed: 0 },
      settings: undefined
    },
    depth,
    warningThreshold: 10_000,
    refusal,
    batchMaxEvents: 128,
    isLive,
    utilization
  }
}

t.test('gives what nobody else wants, and says why there is nothing', async (t) => {
  const table: [claim: string, given: Case, batches: number, events: number, reason?: string][] = [
    ['idle', {}, 5, 640],
    ['two workers', { workers: [20, 20] }, 10, 1_280],
    ['a small worker', { workers: [1] }, 1, 128],
    ['a small worker at work', { workers: [1], active: 1, depth: 1 }, 0, 0, 'no-spare-capacity'],
    ['half busy', { active: 10, depth: 10 }, 5, 640],
    ['almost as busy as may be', { active: 12, waiting: 1, depth: 13 }, 2, 640],
    ['busy', { active: 15, depth: 15 }, 0, 0, 'no-spare-capacity'],
    ['a backlog', { active: 0, waiting: 40, depth: 40 }, 0, 0, 'no-spare-capacity'],
    ['some of it is queued', { low: 512, active: 4 }, 5, 128],
    ['all of it is queued', { low: 640, active: 5 }, 0, 0, 'no-spare-capacity'],
    ['short of the threshold', { depth: 9_989 }, 5, 10],
    ['right below the threshold', { depth: 9_999 }, 0, 0, 'no-spare-capacity'],
    ['at the threshold', { depth: 10_000 }, 0, 0, 'warning-threshold'],
    ['low priority is shed', { refusal: 'circuit-open' }, 0, 0, 'circuit-open'],
    ['live events come', { isLive: true }, 1, 32],
    ['live events come to many workers', { workers: [50, 50], isLive: true }, 5, 160],
    ['live events come and a batch is at work', { isLive: true, low: 32, active: 1 }, 0, 0, 'no-spare-capacity'],
    ['the process is busy', { utilization: 0.5 }, 0, 0, 'process-busy'],
    [
      'all wait for room',
      {
        workers: [20, 20],
        depth: 60_000,
        waiting: 500,
        isLive: true,
        refusal: 'circuit-open',
        holds: [['dead-letters-full'], ['no-handlers', 'dead-letters-full']]
      },
      1,
      128
    ],
    [
      'one of them does',
      { workers: [20, 20], depth: 60_000, holds: [['dead-letters-full']] },
      0,
      0,
      'warning-threshold'
    ],
    [
      'all wait for room and the queue takes nothing',
      { depth: 60_000, refusal: 'queue-full', holds: [['dead-letters-full']] },
      0,
      0,
      'workers-held'
    ],
    ['one of two is held', { workers: [20, 20], held: 1 }, 5, 640],
    ['all are held', { workers: [20, 20], held: 2 }, 0, 0, 'workers-held'],
    ['nobody works', { workers: [] }, 0, 0, 'no-workers'],
    ['paused by hand', { isPaused: true }, 0, 0, 'workers-paused'],
    ['paused by the consumer', { pausedForMs: 100 }, 0, 0, 'workers-paused']
  ]
  for (const [claim, given, batches, events, reason] of table)
    t.strictSame(spareCapacity(load(given)), { batches, events, reason }, claim)
})
