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

const CLUSTER = { state: 'ok', masters: 3, replicas: 2, slot: 866, owner: '10.0.0.1:7001' }

const forbidden = { info: undefined, settings: undefined }

const LOW_THRESHOLDS = {
  QUEUE_RECOVERY_THRESHOLD: '500', QUEUE_WARNING_THRESHOLD: '1000', QUEUE_CRITICAL_THRESHOLD: '5000'
}

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
    { redis: { refused: ['zadd', 'hstrlen'].map((command) => ({ command, error: 'NOPERM no permissions' })) } },
    'error',
    /refuses 2 needed commands: hstrlen, zadd: NOPERM/,
    /^ACL SETUSER for this user: ~\{spillway:\* \+hstrlen \+zadd$/
  ],
  [
    'redis-permissions',
    { redis: { refused: [{ command: 'multi', error: 'NOPERM no permissions' }] } },
    'error',
    /1 needed command: multi/,
    /tries the others once MULTI is allowed$/
  ],
  [
    'redis-permissions',
    { redis: { refused: [{ command: 'evalsha', error: "ERR unknown command 'evalsha'" }] } },
    'error',
    /unknown command/,
    /ask its provider/
  ],
  [
    'redis-permissions',
    { redis: { refused: [{ command: 'config|get', error: 'NOPERM' }] } },
    'warning',
    /refuses config\|get/,
    /\+config\|get/
  ],
  ['redis-latency', { redis: { pingMs: [70, 80, 90] } }, 'warning', /80\.0 ms/, /QUEUE_SAMPLE_INTERVAL_MS=800/],
  ['redis-latency', { redis: { pingMs: [400, 400, 400] } }, 'error', /400\.0 ms/, /QUEUE_SAMPLE_INTERVAL_MS=4000/],
  ['redis-connections', { info: { connected_clients: '9000' } }, 'warning', /9000 of 10000/, /maxclients 20000/],
  [
    'shards', { redis: { shards: { shards: 4, opened: 4, earlier: [] } } }, 'warning', /QUEUE_SHARDS=1 here/, /QUEUE_SHARDS=4/
  ],
  [
    'shards', { redis: { shards: { shards: 1, opened: 3, earlier: [] } } }, 'warning', /2 shards that were removed/,
    /keep workers/
  ],
  [
    'shards', { env: { QUEUE_SHARDS: '60', QUEUE_HARD_LIMIT: '6000', ...LOW_THRESHOLDS } }, 'warning',
    /less than a full batch/, /QUEUE_HARD_LIMIT above 7680/
  ],
  ['redis-topology', { info: { cluster_enabled: '1' } }, 'error', /a node of a Cluster/, /REDIS_CLUSTER_NODES/],
  [
    'redis-topology',
    { redis: { cluster: { ...CLUSTER, state: 'fail' } }, info: { role: 'unknown' } },
    'error',
    /3 masters and 2 replicas reports cluster_state:fail; 10\.0\.0\.1:7001 has the queue, in slot 866/,
    /redis-cli --cluster check/
  ],
  ['redis-topology', { redis: { cluster: CLUSTER } }, 'warning', /no replica follows 10\.0\.0\.1:7001/, /a replica/],
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
  [
    'keys',
    { env: { HOST: '0.0.0.0' }, redis: { keysInRedis: 0 } },
    'error',
    /HOST=0\.0\.0\.0 is beyond loopback, and there is no API key/,
    /API_KEYS_FILE.*ALLOW_ANONYMOUS_PRODUCERS=true/
  ],
  [
    'keys',
    { env: { HOST: '0.0.0.0' }, redis: { keysInRedis: undefined } },
    'warning',
    /no API key but perhaps in Redis, which cannot be asked/,
    /API_KEYS_FILE/
  ],
  [
    'keys',
    { env: { ADMIN_PORT: '3002', ADMIN_HOST: '0.0.0.0' }, redis: { keysInRedis: 0 } },
    'error',
    /ADMIN_HOST=0\.0\.0\.0 .* nobody could use ADMIN_PORT/,
    /ADMIN_TOKEN/
  ],
  [
    'keys',
    { env: { HOST: '::', ALLOW_ANONYMOUS_PRODUCERS: 'true' }, redis: { keysInRedis: 0 } },
    'warning',
    /no ADMIN_TOKEN, with an address beyond loopback: ::/,
    /set ADMIN_TOKEN/
  ],
  [
    'keys',
    { env: { API_KEYS_FILE: '/k' }, keyFile: { path: '/k', problem: 'ENOENT: no such file' } },
    'error',
    /API_KEYS_FILE \/k: ENOENT/,
    /npx spillway keys create --file \/k/
  ],
  [
    'secret-files',
    { secretFiles: [{ key: 'API_KEYS_FILE', path: '/k', isReadable: true, isWritable: false }] },
    'warning',
    /other users can read API_KEYS_FILE \/k/,
    /^chmod o-r \/k/
  ],
  [
    'secret-files',
    { secretFiles: [{ key: 'REDIS_KEY_FILE', path: '/k', isReadable: true, isWritable: true }] },
    'warning',
    /other users can change REDIS_KEY_FILE/,
    /^chmod go-w,o-r \/k/
  ],
  [
    'outbound',
    { outbound: { targets: [{ key: 'DELIVERY_URL', host: 'in', state: 'refused', problem: 'no address: 10.0.0.1' }] } },
    'error',
    /DELIVERY_URL: no address: 10\.0\.0\.1/,
    /^OUTBOUND_NETWORKS=public, private, loopback and that address/
  ],
  [
    'outbound',
    { outbound: { targets: [{ key: 'RULES_FILE', host: '', state: 'invalid', problem: 'no URL' }] } },
    'error',
    /a web hook of RULES_FILE: no URL/,
    /correct RULES_FILE/
  ],
  [
    'outbound',
    { outbound: { targets: [{ key: 'JWT_JWKS_URL', host: 'a.example', state: 'unknown', problem: 'ENOTFOUND' }] } },
    'warning',
    /JWT_JWKS_URL: this machine cannot resolve a\.example: ENOTFOUND/,
    /name server/
  ],
  ['outbound', { outbound: { problem: 'DELIVERY_CA_FILE: cannot read' } }, 'error', /DELIVERY_CA_FILE/, /unset/],
  [
    'outbound',
    { outbound: { rulesFile: { path: '/r', problems: ['rules[0].id: is missing'] } } },
    'error',
    /RULES_FILE \/r: rules\[0\]\.id/,
    /unset RULES_FILE/
  ],
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

t.test('a Cluster is described, also where all is well', async (t) => {
  const info = { cluster_enabled: '1', role: 'unknown' }
  t.strictSame(findings('redis-topology', factsOf({ redis: { cluster: CLUSTER }, info })), [
    { severity: 'ok', what: 'a Cluster of 3 masters and 2 replicas; 10.0.0.1:7001 has the queue, in slot 866' }
  ])
})

t.test('thresholds that operators have set do not make it another environment', async (t) => {
  t.match(findings('service', factsOf({ env: { QUEUE_CRITICAL_THRESHOLD: '60000' }, settingsVersion: 3 })), [
    {
      severity: 'ok',
      what: /version 3: the service runs with QUEUE_CRITICAL_THRESHOLD=50000; see npx spillway settings history/
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

t.test('a first start has no key in Redis, and a key of any source suffices', async (t) => {
  const env = { HOST: '0.0.0.0' }
  const severityOf = (facts: Facts) => findings('keys', facts).map(({ severity }) => severity).join()
  const first = { state: 'not-started', hasBinary: true } as const
  const none = factsOf({ env, redis: { keysInRedis: 0 } })
  t.equal(severityOf({ ...none, redis: first }), 'warning', 'a Redis that was there before may have keys')
  t.equal(severityOf({ ...none, redis: first, dataDir: { ...none.dataDir, existing: '/' } }), 'error')
  t.equal(severityOf(factsOf({ env })), 'ok')
  t.equal(severityOf(factsOf({ env, redis: { keysInRedis: 0 }, keyFile: { path: '/k', keys: 1 } })), 'ok')
  const jwt = { JWT_JWKS_URL: 'https://a.example/', JWT_ISSUER: 'https://a.example', JWT_AUDIENCE: 'spillway' }
  t.equal(severityOf(factsOf({ env: { ...env, ...jwt }, redis: { keysInRedis: 0 } })), 'ok')
  t.equal(severityOf(factsOf({ env: { ...env, ROLE: 'worker' }, redis: { keysInRedis: 0 } })), 'ok')
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
  t.match(found, [{ name: 'redis-reachable', severity: 'error' }, { name: 'service', severity: 'warning', remedy: /--admin-url/ }])
  t.equal(found.length, 2)
  const unusable: Facts = { ...unreachable, redis: { state: 'unusable', reason: 'REDIS_CA_FILE: none' } }
  t.match(findings('redis-reachable', unusable), [{
    severity: 'error', what: 'REDIS_CA_FILE: none', why: 'the service does not start'
  }])
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
