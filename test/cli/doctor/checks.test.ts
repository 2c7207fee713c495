import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LastKnown } from '../../../cli/queue-status.ts'
import type { Facts } from '../../../cli/doctor/facts.ts'
import { CHECK_SHAPE, isCheck, type Finding } from '../../../cli/doctor/finding.ts'
import { BYTES_PER_EVENT, bytesNeeded, eventsThatFit } from '../../../cli/doctor/memory-estimate.ts'
import { loadConfig } from '../../../services/config/load-config.ts'
import { loadFolder } from '../../../services/registry/load-folder.ts'
import { factsOf, workerEntry, type Changes } from './facts.ts'

const ROOT = join(import.meta.dirname, '../../..')
const checks = await loadFolder(join(ROOT, 'cli/doctor/checks'), isCheck, CHECK_SHAPE)

function findings (name: string, facts: Facts): readonly Finding[] {
  const check = checks.find((entry) => entry.name === name)
  if (check === undefined) throw new Error(`no check ${name}`)
  return check.value(facts)
}

const LAST_KNOWN: LastKnown = {
  isPaused: false,
  deadLetters: null,
  at: '2026-03-01T10:00:00.000Z',
  queueDepth: 1_008,
  counts: { waiting: 1_008, active: 0, delayed: 0, completed: 0, failed: 0 },
  workers: 2,
  circuitState: 'OPEN',
  arrivalRate: 0,
  drainRate: 0
}

const forbidden = { info: undefined, settings: undefined }

/** Check, what is not well, severity of the finding, what it says, what to do. */
const TABLE: [check: string, changes: Changes, severity: string, what: RegExp, remedy: RegExp][] = [
  [
    'eviction-policy',
    { settings: { 'maxmemory-policy': 'allkeys-lru' } },
    'error',
    /allkeys-lru/,
    /CONFIG SET maxmemory-policy noeviction/
  ],
  [
    'eviction-policy',
    { redis: { settings: undefined }, info: { maxmemory_policy: 'volatile-ttl' } },
    'error',
    /volatile-ttl/,
    /noeviction/
  ],
  ['eviction-policy', { redis: forbidden }, 'warning', /unknown/, /provider/],
  ['persistence', { settings: { appendonly: 'no' } }, 'error', /no persistence/, /CONFIG SET appendonly yes/],
  [
    'persistence',
    { settings: { appendonly: 'no', save: '3600 1' } },
    'error',
    /only occasional snapshots/,
    /CONFIG SET appendonly yes/
  ],
  ['persistence', { settings: { appendfsync: 'no' } }, 'warning', /appendfsync no/, /everysec, or always/],
  ['persistence', { redis: { settings: undefined } }, 'warning', /appendfsync is unknown/, /provider/],
  ['persistence', { redis: forbidden }, 'warning', /persistence of Redis is unknown/, /provider/],
  ['persistence', { info: { aof_last_write_status: 'err' } }, 'error', /failed/, /disk/],
  ['persistence', { settings: { 'no-appendfsync-on-rewrite': 'yes' } }, 'warning', /rewrite/, /CONFIG SET/],
  ['memory', { settings: { maxmemory: '52428800' } }, 'error', /too little: the receipts/, /CONFIG SET maxmemory \d+$/],
  [
    'memory',
    { settings: { maxmemory: '134217728' }, env: { QUEUE_CRITICAL_THRESHOLD: '100000' } },
    'error',
    /about 99,000 events fit, and load is shed from 100,000/,
    /QUEUE_CRITICAL_THRESHOLD/
  ],
  [
    'memory',
    { settings: { maxmemory: '209715200' } },
    'error',
    /too little for QUEUE_HARD_LIMIT=1000000/,
    /QUEUE_HARD_LIMIT=\d+, or CONFIG SET maxmemory \d+/
  ],
  ['memory', { settings: { maxmemory: '0' } }, 'warning', /not set/, /CONFIG SET maxmemory/],
  [
    'memory',
    { settings: { maxmemory: '0' }, info: { total_system_memory: '268435456' } },
    'error',
    /256\.0 MiB/,
    /QUEUE_HARD_LIMIT=/
  ],
  ['memory', { redis: forbidden }, 'warning', /unknown/, /589\.0 MiB are needed/],
  [
    'memory',
    { env: { QUEUE_HARD_BYTES: '2000000000' } },
    'warning',
    /QUEUE_HARD_BYTES=2000000000 is more than 0\.95 of maxmemory/,
    /QUEUE_HARD_BYTES=966367641, or 0/
  ],
  [
    'memory',
    { env: { QUEUE_CRITICAL_BYTES: '2000000000' } },
    'warning',
    /QUEUE_CRITICAL_BYTES=2000000000/,
    /QUEUE_CRITICAL_BYTES=751619276, or 0/
  ],
  ['redis-version', { info: { redis_version: '6.0.16' } }, 'error', /too old/, /7\.2/],
  [
    'redis-version',
    { info: { redis_version: '7.0.15' }, settings: { appendfsync: 'everysec' } },
    'warning',
    /WAITAOF/,
    /7\.2/
  ],
  ['redis-version', { redis: forbidden }, 'warning', /unknown/, /INFO/],
  [
    'redis-writes',
    { redis: { writeError: "READONLY You can't write against a read only replica." } },
    'error',
    /READONLY/,
    /master/
  ],
  ['redis-writes', { redis: { writeError: 'OOM command not allowed' } }, 'error', /OOM/, /maxmemory/],
  [
    'redis-permissions',
    { redis: { refused: [{ command: 'EVALSHA', neededFor: 'scripts', error: 'NOPERM' }] } },
    'error',
    /EVALSHA/,
    /\+evalsha/
  ],
  [
    'redis-permissions',
    { redis: { refused: [{ command: 'CONFIG GET', neededFor: 'settings', error: 'NOPERM' }] } },
    'warning',
    /CONFIG GET/,
    /\+config\|get/
  ],
  ['redis-latency', { redis: { pingMs: [70, 80, 90] } }, 'warning', /80\.0 ms/, /QUEUE_SAMPLE_INTERVAL_MS=800/],
  ['redis-latency', { redis: { pingMs: [400, 400, 400] } }, 'error', /400\.0 ms/, /QUEUE_SAMPLE_INTERVAL_MS=4000/],
  ['redis-connections', { info: { connected_clients: '9000' } }, 'warning', /9000 of 10000/, /maxclients 20000/],
  ['redis-topology', { info: { cluster_enabled: '1' } }, 'error', /Cluster/, /not a Cluster/],
  [
    'redis-topology',
    { info: { role: 'slave', master_host: 'a', master_port: '1' } },
    'error',
    /replica of a:1/,
    /master/
  ],
  ['redis-topology', { info: { connected_slaves: '2' } }, 'warning', /2 replicas/, /min-replicas-to-write/],
  ['clocks', { redis: { clockAheadMs: 5_000 } }, 'warning', /Redis is 5 s ahead of/, /timedatectl/],
  ['clocks', { redis: { clockAheadMs: -60_000 } }, 'error', /60 s behind/, /timedatectl/],
  ['clocks', { clockAheadMs: 4_000 }, 'warning', /the service is 3 s ahead/, /timedatectl/],
  ['data-dir', { dataDir: { isWritable: false } }, 'error', /this user cannot write/, /DATA_DIR/],
  ['data-dir', { dataDir: { isOpen: true } }, 'warning', /other users can write/, /chmod go-w \/data/],
  ['data-dir', { dataDir: { freeBytes: 1_048_576 } }, 'warning', /1\.0 MiB free/, /SPOOL_MAX_BYTES=524288/],
  ['thresholds', { env: { ENABLE_BACKPRESSURE: 'observe' } }, 'warning', /observe/, /true/],
  [
    'thresholds',
    { env: { QUEUE_RECOVERY_THRESHOLD: '9000' } },
    'warning',
    /9000 is near/,
    /QUEUE_RECOVERY_THRESHOLD=2000/
  ],
  ['thresholds', { queue: { drainRate: 50 } }, 'warning', /17 min of work/, /3000 for a minute/],
  [
    'thresholds',
    { queue: { drainRate: 90_000, totalPending: 100_000 } },
    'warning',
    /less than 1 s of work/,
    /900000 for ten/
  ],
  ['service', { workers: { workers: [] } }, 'warning', /no worker/, /npm run worker/],
  ['service', { workers: { isPaused: true } }, 'warning', /paused/, /resume/],
  ['service', { workers: { pausedForMs: 4_000 } }, 'warning', /wait for the consumer/, /consumer-unavailable/],
  [
    'service',
    { workers: { workers: [workerEntry(7, { handlers: [], holds: ['no-handlers'] })] } },
    'warning',
    /no worker takes a batch: host:7 has no handler/,
    /DELIVERY_URL or RULES_FILE/
  ],
  [
    'service',
    { workers: { workers: [workerEntry(7, { holds: ['consumer-unreachable'] }), workerEntry(8)] } },
    'warning',
    /1 of 2 workers takes no batch: host:7/,
    /DELIVERY_URL/
  ],
  [
    'service',
    { workers: { workers: [workerEntry(7, { holds: ['dead-letters-full'] })] } },
    'warning',
    /the limit of kept dead letters/,
    /DEAD_LETTER_MAX_EVENTS/
  ],
  [
    'service',
    { workers: { workers: [workerEntry(7, { handlers: ['show'] }), workerEntry(8)] } },
    'warning',
    /1 of 2 workers finishes events without delivering them .*: host:7/,
    /same DELIVERY_URL/
  ],
  [
    'service',
    { workers: { workers: [workerEntry(7, { handlers: ['rules'] }), workerEntry(8)] } },
    'warning',
    /different handlers/,
    /same DELIVERY_URL/
  ],
  ['service', { circuitState: 'OPEN' }, 'warning', /OPEN/, /status/],
  [
    'service',
    { queue: { totalPending: null }, circuitState: 'OPEN', lastKnown: LAST_KNOWN },
    'error',
    /cannot be read; the last reading was at 10:00:00 UTC, 9 s ago/,
    /redis-latency/
  ],
  ['service', { queue: { totalPending: null } }, 'error', /cannot be read and has never been read/, /redis-latency/],
  ['service', { ledgerImbalance: { queue: -3 } }, 'error', /off by -3 events on the side of the queue/, /RELIABILITY/],
  [
    'service',
    { env: { QUEUE_CRITICAL_THRESHOLD: '60000' } },
    'warning',
    /runs with QUEUE_CRITICAL_THRESHOLD=50000; with this environment it would be 60000/,
    /environment/
  ]
]

t.test('where all is well every check says so', async (t) => {
  for (const { name, value } of checks) {
    const found = value(factsOf())
    t.ok(found.length > 0, name)
    t.strictSame(found.filter(({ severity }) => severity !== 'ok'), [], name)
  }
})

t.test('what is not well is named, with the reason and what to do', async (t) => {
  for (const [check, changes, severity, what, remedy] of TABLE) {
    const found = findings(check, factsOf(changes)).filter((finding) => finding.severity !== 'ok')
    t.match(found, [{ severity, what, why: /\w/, remedy }], `${check}: ${what}`)
    t.equal(found.length, 1)
  }
})

t.test('thresholds that operators have set do not make it another environment', async (t) => {
  t.match(findings('service', factsOf({ env: { QUEUE_CRITICAL_THRESHOLD: '60000' }, settingsVersion: 3 })), [
    {
      severity: 'ok',
      what: /version 3: the service runs with QUEUE_CRITICAL_THRESHOLD=50000; see spillway settings history/
    }
  ])
})

t.test('a depth that is not known is never told as a figure of now', async (t) => {
  const [lost] = findings('service', factsOf({ queue: { totalPending: null }, lastKnown: LAST_KNOWN }))
  t.match(
    lost?.why,
    'the number of waiting events is unknown, last known: 1,008 events at 10:00:00 UTC, 9 s ago, with 2 workers ' +
    'and the ' +
    'circuit OPEN'
  )
  t.match(
    findings('service', factsOf({ queue: { totalPending: null } }))[0]?.why,
    'the number of waiting events is unknown, the depth was never known'
  )
})

t.test('without a Redis, or a service, only that is said', async (t) => {
  const facts = factsOf()
  const unreachable: Facts = {
    ...facts,
    redis: { state: 'unreachable', where: 'redis://cache', reason: 'ECONNREFUSED' },
    service: { state: 'unreachable', url: 'http://service', reason: 'nobody answers' }
  }
  const found = checks.flatMap(({ name, value }) => value(unreachable).map((finding) => ({ name, ...finding }))).filter(
    ({ severity }) => severity !== 'ok'
  )
  t.match(found, [{ name: 'redis-reachable', severity: 'error' }, { name: 'service', severity: 'warning' }])
  t.equal(found.length, 2)
  t.match(findings('redis-reachable', { ...unreachable, redis: { state: 'not-started', hasBinary: false } }), [{
    severity: 'error',
    remedy: /apt-get/
  }])
  t.match(findings('redis-reachable', { ...unreachable, redis: { state: 'not-started', hasBinary: true } }), [{
    severity: 'ok'
  }])
  t.match(findings('redis-reachable', { ...facts, redis: { state: 'not-started', hasBinary: true } }), [{
    severity: 'warning',
    what: /service is up, so that service uses another/,
    remedy: /DATA_DIR/
  }])
  t.match(
    findings('configuration', { ...facts, unknownKeys: [{ key: 'QUEUE_LIMIT', suggestion: 'QUEUE_HARD_LIMIT' }] }),
    [{ severity: 'warning', what: /QUEUE_LIMIT/, remedy: /QUEUE_HARD_LIMIT/ }]
  )
  t.match(findings('configuration', { ...facts, trimmedKeys: ['ADMIN_TOKEN'] }), [{
    severity: 'warning',
    what: /ADMIN_TOKEN/,
    remedy: /line break/
  }])
})

t.test('the estimate of memory is about what the bench has measured, and its two directions agree', async (t) => {
  const [, measured] =
    /^\| spillway \| (\d+) \|$/m
      .exec(/<!-- bench:redis-memory -->[^]*?<!-- \/bench -->/
        .exec(readFileSync(join(ROOT, 'docs/PERFORMANCE.md'), 'utf8'))?.[0] ?? '') ?? []
  t.ok(Math.abs(Number(measured) / BYTES_PER_EVENT - 1) < 0.1, `measured ${measured}`)
  const config = loadConfig({})
  for (const events of [1_000, 50_000, 1_000_000, 2_000_000]) {
    const fits = eventsThatFit(bytesNeeded(events, config), config)
    t.ok(fits >= events && fits < events + 5_000, `${events} need what ${fits} fit into`)
  }
})
