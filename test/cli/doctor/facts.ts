import type { Facts, RedisDetails } from '../../../cli/doctor/facts.ts'
import type { QueueStatus } from '../../../cli/queue-status.ts'
import { loadConfig } from '../../../services/config/load-config.ts'
import type { WorkerEntry } from '../../../services/fleet/member.ts'
import { workProblems, type Workforce } from '../../../services/status/work-problem.ts'

const REDIS: RedisDetails = {
  info: {
    redis_version: '7.2.4',
    maxmemory: '1073741824',
    maxmemory_policy: 'noeviction',
    aof_enabled: '1',
    aof_last_write_status: 'ok',
    connected_clients: '12',
    maxclients: '10000',
    cluster_enabled: '0',
    role: 'master',
    connected_slaves: '0',
    total_system_memory: '8589934592'
  },
  settings: {
    maxmemory: '1073741824',
    'maxmemory-policy': 'noeviction',
    appendonly: 'yes',
    appendfsync: 'always',
    'no-appendfsync-on-rewrite': 'no',
    save: '',
    maxclients: '10000'
  },
  refused: [],
  keysInRedis: 1,
  writeError: undefined,
  pingMs: [0.3, 0.2, 0.4],
  clockAheadMs: 3,
  clockPrecisionMs: 1,
  cluster: undefined
}

const QUEUE: QueueStatus = {
  timestamp: '2026-03-01T10:00:09.000Z', isKnown: true, asOf: '2026-03-01T10:00:09.000Z', lastKnown: null,
  queue: {
    name: 'spillway', isPaused: false, depthByPriority: {},
    counts: { waiting: 5_000, active: 0, delayed: 0, completed: 0, failed: 0 },
    totalPending: 5_000,
    utilizationPercent: 10,
    health: 'healthy',
    pausedForMs: 0,
    arrivalRate: 0,
    drainRate: 2_000,
    timeToDrainSeconds: null,
    oldestWaitingSeconds: { critical: null, normal: 2, low: null },
    snapshotAgeMs: 40
  },
  workers: { count: 2, capacity: 40, needed: 2, list: [], problems: [] },
  backpressure: {
    mode: 'true',
    circuitState: 'CLOSED',
    thresholds: { recovery: 5_000, warning: 10_000, critical: 50_000, hardLimit: 1_000_000 },
    rejectedCount: 0,
    stateAgeMs: 1_000,
    enabled: true,
    isKnown: true,
    asOf: null,
    settingsVersion: 0,
    lastStateChange: '2026-03-01T10:00:08.000Z'
  }
}

/** A worker as it announces itself. */
export function workerEntry (pid: number, more: Partial<WorkerEntry> = {}): WorkerEntry {
  return {
    id: String(pid), hostname: 'host', pid, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [], ...more
  }
}

export interface Changes {
  env?: Record<string, string>
  redis?: Partial<RedisDetails>
  keyFile?: Facts['keyFile']
  secretFiles?: Facts['secretFiles']
  outbound?: Partial<Facts['outbound']>
  /** Members of INFO and settings that differ. */
  info?: Record<string, string>
  settings?: Record<string, string>
  queue?: Partial<QueueStatus['queue']>
  workers?: Partial<Workforce>
  lastKnown?: QueueStatus['lastKnown']
  circuitState?: string
  settingsVersion?: number
  ledgerImbalance?: Record<string, number>
  clockAheadMs?: number
  dataDir?: Partial<Facts['dataDir']>
  machineBytes?: number
}

/** Facts of an installation with which all is well, and what differs. */
export function factsOf ({
  env = {}, redis, keyFile, secretFiles = [], outbound, info, settings, queue, workers,
  lastKnown = null, circuitState = 'CLOSED', settingsVersion = 0,
  ledgerImbalance = { admission: 0, queue: 0 }, clockAheadMs = 400, dataDir, machineBytes = 2 ** 33
}: Changes = {}): Facts {
  return {
    config: loadConfig({ REDIS_URL: 'redis://cache', ...env }),
    unknownKeys: [],
    trimmedKeys: [],
    machine: { memoryBytes: machineBytes },
    redis: {
      state: 'reached',
      where: 'redis://cache',
      isEmbedded: false,
      ...REDIS,
      info: { ...REDIS.info, ...info },
      settings: { ...REDIS.settings, ...settings },
      ...redis
    },
    keyFile, secretFiles, outbound: { problem: undefined, targets: [], rulesFile: undefined, ...outbound },
    dataDir: { path: '/data', existing: '/data', isWritable: true, isOpen: false, freeBytes: 2 ** 34, ...dataDir },
    service: {
      state: 'reached', url: 'http://service', clockAheadMs, ledgerImbalance,
      queue: {
        ...QUEUE,
        queue: { ...QUEUE.queue, ...queue },
        isKnown: queue?.totalPending !== null,
        lastKnown,
        workers: {
          ...QUEUE.workers,
          problems: workProblems({
            isPaused: false, pausedForMs: 0, workers: [workerEntry(1), workerEntry(2)], ...workers
          })
        },
        backpressure: { ...QUEUE.backpressure, circuitState, settingsVersion }
      }
    }
  }
}
