import { Type, type Static } from '@sinclair/typebox'
import type { PriorityClass } from '../admission/priority-class.ts'

const milliseconds = (fallback: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: fallback, minimum, maximum, description: `${description}, milliseconds` })

const threshold = (fallback: number, description: string) =>
  Type.Integer({ default: fallback, minimum: 1, maximum: 1_000_000_000, description: `${description}, events` })

/** Headers cannot hold control characters, so nobody could present a secret with one. */
const secret = (minLength: number, description: string) => Type.String({
  minLength,
  pattern: '^\\P{Cc}*$',
  allowed: `text of at least ${minLength} characters without control characters`,
  description
})

const httpUrl = (description: string) =>
  Type.String({ pattern: '^https?://', allowed: 'URL that begins with http:// or https://', description })

const claim = (name: string, description: string) => Type.String({
  default: name, minLength: 1, description: `Claim of a JWT with the ${description}`
})

const bytes = (description: string, derived: string) =>
  Type.Integer({ default: 0, minimum: 0, description: `${description}, bytes; 0 means ${derived}` })

const secretFile = (key: string) =>
  Type.Optional(Type.String({ minLength: 1, description: `File that holds ${key}, instead of that key; read at the start` }))

/** Every environment key, its default and bounds, once: types, messages, `.env.example` and docs derive from it. */
export const ConfigSchema = Type.Object({
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65535, description: 'Port of the API; 0 picks a free one' }),
  HOST: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    description: 'Address to bind; loopback unless you say otherwise'
  }),
  ROLE: Type.Union([Type.Literal('all'), Type.Literal('api'), Type.Literal('worker')], {
    default: 'all',
    description: 'Role of this process: API, worker or both'
  }),
  WORKER_PORT: Type.Integer({
    default: 3001,
    minimum: 0,
    maximum: 65535,
    description: 'Port of health and metrics in a process that is only a worker'
  }),
  MAX_CONNECTIONS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Most client connections at once; 0 derives it from the limit on open files, at most 16,384'
  }),
  LOG_LEVEL: Type.Union(
    (['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const).map((level) => Type.Literal(level)),
    { default: 'info', description: 'Least severe level that is logged' }
  ),
  ADMIN_TOKEN: Type.Optional(secret(
    16,
    'Token of operators, sent as bearer token or as password; if unset, everybody who reaches the port ' +
    'is an operator'
  )),
  ADMIN_TOKEN_FILE: secretFile('ADMIN_TOKEN'),
  API_KEYS_FILE: Type.Optional(Type.String({
    minLength: 1, description: 'File of API keys, a JSON array; watched, and its keys also work while Redis is away'
  })),
  ALLOW_ANONYMOUS_PRODUCERS: Type.Boolean({
    default: false,
    description: 'Whether a service beyond loopback may start without any key, so that everybody can post events'
  }),
  KEY_MAX_REQUESTS: Type.Integer({
    default: 1_000, minimum: 1, maximum: 1_000_000, description: 'Most requests of one API key in flight in a process'
  }),
  KEY_MAX_STREAMS: Type.Integer({
    default: 64, minimum: 1, maximum: 100_000, description: 'Most open NDJSON streams of one API key in a process'
  }),
  JWT_JWKS_URL: Type.Optional(httpUrl(
    'URL of the key set of an identity provider; its JWTs then count like API keys; http on loopback only'
  )),
  JWT_ISSUER: Type.Optional(Type.String({ minLength: 1, description: 'Issuer of the JWTs, exactly their claim iss' })),
  JWT_AUDIENCE: Type.Optional(Type.String({
    minLength: 1, description: 'Audience of the JWTs, one of their claim aud: the name of this service at its provider'
  })),
  JWT_ORGANIZATION_CLAIM: claim('organization', 'organization of the events; needed for scope ingest'),
  JWT_SCOPES_CLAIM: claim('scope', 'scopes ingest, read and admin, in a text or in an array; others are ignored'),
  JWT_BEST_PRIORITY_CLAIM: claim('spillway_best_priority', 'ceiling, an integer from 1 to 10'),
  JWT_TYPES_CLAIM: claim('spillway_types', 'types of events that may be posted, an array; without it all types'),
  JWT_BEST_PRIORITY: Type.Integer({
    default: 1, minimum: 1, maximum: 10, description: 'Ceiling of a JWT without the claim JWT_BEST_PRIORITY_CLAIM'
  }),
  JWT_JWKS_REFRESH_MS: milliseconds(300_000, 1_000, 86_400_000, 'Interval at which the key set is read again'),
  JOB_BROWSER: Type.Union([Type.Literal('off'), Type.Literal('read-only'), Type.Literal('read-write')], {
    default: 'read-only',
    description: 'Rights of operators on the page /admin/queues: none, look, or also pause and resume'
  }),
  DATA_DIR: Type.String({
    default: './data',
    minLength: 1,
    description:
      'Folder of the files of the embedded Redis, of the spool in spool-<NAMESPACE>, and of recorded arrivals in ' +
      'arrivals-<NAMESPACE>'
  }),

  REDIS_URL: Type.Optional(Type.String({
    pattern: '^(rediss?|unix)://',
    allowed: 'URL that begins with redis://, rediss:// or unix://',
    description:
      'redis://, rediss:// or unix://user:password@/path/redis.sock?db=2, each part percent-encoded; unset starts an ' +
      'embedded Redis'
  })),
  REDIS_URL_FILE: secretFile('REDIS_URL'),
  REDIS_CA_FILE: Type.Optional(Type.String({
    minLength: 1, description: 'PEM file of the authority that signs the certificate of Redis, besides the usual ones'
  })),
  REDIS_CERT_FILE: Type.Optional(Type.String({
    minLength: 1, description: 'PEM file of the certificate that Spillway shows to Redis'
  })),
  REDIS_KEY_FILE: Type.Optional(Type.String({ minLength: 1, description: 'PEM file of the key of REDIS_CERT_FILE' })),
  NAMESPACE: Type.String({
    default: 'spillway',
    pattern: '^[A-Za-z0-9._-]{1,64}$',
    allowed: '1 to 64 characters out of A to Z, a to z, 0 to 9, dot, underscore and hyphen',
    description:
      'Name of the service: processes with the same one share a queue, and all of its keys in Redis begin with it'
  }),
  REDIS_COMMAND_TIMEOUT_MS: milliseconds(
    1_000,
    100,
    60_000,
    'How long Redis may take for an answer; time in which this process stood still does not count'
  ),
  REDIS_MAXMEMORY_BYTES: bytes('maxmemory of the embedded Redis', '0.4 of the memory of the machine or container'),
  REDIS_APPENDFSYNC: Type.Union([Type.Literal('always'), Type.Literal('everysec')], {
    default: 'always',
    description: 'When the embedded Redis writes to disk'
  }),

  ENABLE_BACKPRESSURE: Type.Union([Type.Literal('true'), Type.Literal('false'), Type.Literal('observe')], {
    default: 'true',
    description: 'Shed load; admit all; or decide, count and log but admit all'
  }),
  BACKPRESSURE_PRESET: Type.Optional(Type.Union(
    (['development', 'staging', 'production-10k', 'production-100k'] as const).map((preset) => Type.Literal(preset)),
    { description: 'Name of a set of thresholds; an explicit threshold takes precedence' }
  )),
  QUEUE_WARNING_THRESHOLD: threshold(
    10_000,
    'Depth that is logged as a warning, from which streams are paced and a half-open circuit opens again'
  ),
  QUEUE_CRITICAL_THRESHOLD: threshold(50_000, 'Depth that opens the circuit; low priority is shed from 0.8 of it'),
  QUEUE_RECOVERY_THRESHOLD: threshold(5_000, 'Depth at which an open circuit turns half-open'),
  QUEUE_HARD_LIMIT: threshold(1_000_000, 'Depth above which nothing is put into Redis, critical events included'),
  BACKPRESSURE_THRESHOLDS: Type.Union([Type.Literal('static'), Type.Literal('adaptive')], {
    default: 'static',
    description:
      'static: the thresholds above are in force; adaptive: the critical threshold is the depth at which a normal ' +
      'event would wait for DELAY_BUDGET_NORMAL_MS, from 0.001 of QUEUE_CRITICAL_THRESHOLD to 0.9 of QUEUE_HARD_LIMIT'
  }),
  DELAY_BUDGET_CRITICAL_MS: milliseconds(
    2_000,
    1,
    86_400_000,
    'How long a critical event may wait; shown beside its wait'
  ),
  DELAY_BUDGET_NORMAL_MS: milliseconds(
    30_000,
    1,
    86_400_000,
    'How long a normal event may wait; adaptive thresholds follow from it, and need ten times QUEUE_SAMPLE_INTERVAL_MS'
  ),
  DELAY_BUDGET_LOW_MS: milliseconds(300_000, 1, 86_400_000, 'How long a low event may wait; shown beside its wait'),
  SHEDDING: Type.Union([Type.Literal('cliff'), Type.Literal('smooth')], {
    default: 'cliff',
    description:
      'cliff: all low events are refused from 0.8 of the critical threshold; smooth: a share of low, then of normal ' +
      'events is refused that keeps the depth at 0.5 of it; the circuit opens in both cases'
  }),
  SAMPLING: Type.Union([Type.Literal('off'), Type.Literal('low'), Type.Literal('low-and-normal')], {
    default: 'off',
    description:
      'The classes of which a sample is kept while the queue fills up, and the rest answered 202 without being stored, ' +
      'where they would be refused otherwise; a kept event says by sampleweight how many it stands for'
  }),
  FORECAST: Type.Union([Type.Literal('off'), Type.Literal('observe'), Type.Literal('act')], {
    default: 'observe',
    description:
      'observe: the depth of the next minute is predicted and shown; act: once the predictions have proven their skill, ' +
      'workers are asked for before a predicted breach, and up to half of the low events are refused, or more of them left ' +
      'out if SAMPLING is on; off: nothing is predicted'
  }),
  QUEUE_CRITICAL_BYTES: bytes(
    'Memory of Redis at which the circuit opens, whatever the depth; low priority is shed from 0.8 of it',
    '0.7 of its capacity, which is its maxmemory or else 0.6 of its machine'
  ),
  QUEUE_HARD_BYTES: bytes(
    'Memory of Redis above which nothing is put into it, critical events included; at most 0.95 of maxmemory',
    '0.9 of its capacity'
  ),
  QUEUE_SAMPLE_INTERVAL_MS: milliseconds(100, 10, 10_000, 'How often the queue is read'),
  READINESS_FAILS_WHEN_OPEN: Type.Boolean({
    default: false,
    description: 'Answer readiness with 503 while the circuit is open'
  }),
  READINESS_HOLDS_WHILE_SPOOLING: Type.Boolean({
    default: false,
    description:
      'Answer readiness with 200 while the queue cannot accept events and critical ones are spooled; for replicas ' +
      'that all lose their Redis together'
  }),
  MAX_EVENT_LOOP_DELAY_MS: milliseconds(
    1_000,
    0,
    60_000,
    'Mean event-loop delay above which this process sheds all but critical events; 0 switches it off'
  ),
  MAX_HEAP_USED_BYTES: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Heap above which this process sheds all but critical events; 0 means 0.9 of the heap limit of V8'
  }),

  DEFAULT_EVENT_PRIORITY: Type.Integer({
    default: 5,
    minimum: 1,
    maximum: 10,
    description: 'Priority of an event without any other'
  }),
  EVENT_PRIORITIES: Type.String({
    default: '{"scheduled":1,"critical-alarm":1,"telemetry-data":5,"device-state-change":5,"batch-operation":10}',
    description: 'JSON object from event type to priority'
  }),

  BODY_LIMIT_BYTES: Type.Integer({
    default: 1_048_576,
    minimum: 1_024,
    maximum: 104_857_600,
    description:
      'Largest event in any form: the body of a single one, an element of an array, a line of an NDJSON stream'
  }),
  CORS_ORIGINS: Type.Optional(Type.String({
    pattern: '^(\\*|https?://[^\\s,/*]+( *, *https?://[^\\s,/*]+)*)$',
    allowed: '* or origins such as https://app.example.com, separated by commas, without a slash at the end',
    description: 'Origins whose pages may post events from a browser, and nothing else; unset: none'
  })),
  WEBHOOK_ALLOWED_ORIGINS: Type.Optional(Type.String({
    pattern: '^(\\*|[A-Za-z0-9.-]+( *, *[A-Za-z0-9.-]+)*)$',
    allowed: '* or DNS names, separated by commas',
    description:
      'Senders whose web hook handshake (OPTIONS with WebHook-Request-Origin) is granted; unset: there is no answer ' +
      'to handshakes'
  })),
  WEBHOOK_ALLOWED_RATE: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000_000,
    description: 'Requests per minute that a web hook handshake grants; 0 grants any rate'
  }),
  BATCH_BODY_LIMIT_BYTES: Type.Integer({
    default: 16_777_216,
    minimum: 1_024,
    maximum: 1_073_741_824,
    description: 'Largest JSON array of events; an NDJSON stream has no limit'
  }),
  BATCH_BODY_MAX_EVENTS: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Most events in one JSON array'
  }),
  BODIES_IN_FLIGHT_BYTES: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 1_099_511_627_776,
    description:
      'Most bytes of request bodies that this process holds at once, at least twice the largest body; beyond it ' +
      'low priority is refused first, critical last; 0 means an eighth of the heap limit of V8'
  }),
  BODY_TIMEOUT_MS: milliseconds(
    120_000,
    1_000,
    3_600_000,
    'How long a body may take to arrive as a whole; STREAM_TIMEOUT_MS bounds an NDJSON stream'
  ),
  OUTAGE_PATIENCE_MS: milliseconds(
    5_000,
    0,
    60_000,
    'How long admitted events of an array or a stream wait for an unavailable queue before they are refused'
  ),
  STREAM_PATIENCE_MS: milliseconds(
    5_000,
    0,
    600_000,
    'How long an NDJSON stream waits above the warning threshold for the queue to move before it goes on'
  ),
  STREAM_TIMEOUT_MS: milliseconds(
    0,
    0,
    86_400_000,
    'How long an NDJSON stream may last; its answer then names the last line; 0 means that only silence ends it'
  ),
  STREAM_MAX_OPEN: Type.Integer({
    default: 256,
    minimum: 1,
    maximum: 100_000,
    description: 'Most open NDJSON streams of a process; a quarter is reserved for those with X-Event-Priority: 1'
  }),

  IDEMPOTENCY_TTL_MS: milliseconds(
    600_000,
    0,
    604_800_000,
    'How long the id or Idempotency-Key of an event is remembered, so that a second post is a duplicate; 0 ' +
    'switches it off'
  ),
  IDEMPOTENCY_MAX_IDS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000_000,
    description:
      'Most ids that are remembered at once, about 450 bytes of Redis each; from 0.8 of it they are remembered for ' +
      'less than IDEMPOTENCY_TTL_MS; 0 means 0.2 of the capacity of Redis, which applies while Redis holds more ' +
      'than 0.4 of its capacity'
  }),
  RECEIPT_TTL_MS: milliseconds(600_000, 10_000, 604_800_000, 'How long the receipt of a finished event is kept'),
  RECEIPT_MAX_BATCHES: Type.Integer({
    default: 100_000,
    minimum: 1_000,
    maximum: 100_000_000,
    description: 'Most finished batches with receipts, about 300 bytes of Redis each'
  }),
  SPOOL_CLASSES: Type.String({
    default: 'critical',
    minLength: 1,
    description:
      'Classes that are spooled while the queue cannot accept them: critical, normal, low, separated by commas; ' +
      'none disables it'
  }),
  SPOOL_MAX_BYTES: Type.Integer({
    default: 268_435_456,
    minimum: 4_096,
    description: 'Most disk space of the spool, in blocks of 4,096 bytes and at least one per batch'
  }),
  SPOOL_DRAIN_RATE: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 10_000_000,
    description: 'Most events per second that go from the spool into the queue'
  }),
  RECORD_ARRIVALS: Type.Boolean({
    default: false,
    description:
      'Record how many events of which priority, type and organization are offered every 100 ms, for the simulator; ' +
      'no payloads and no ids'
  }),
  RECORD_ARRIVALS_MAX_BYTES: Type.Integer({
    default: 268_435_456,
    minimum: 1_048_576,
    description: 'Most disk space of recorded arrivals, of all processes in one DATA_DIR; the oldest are deleted'
  }),

  DRAIN_TARGET_MS: milliseconds(
    60_000,
    1_000,
    86_400_000,
    'Time in which a backlog should be processed; the number of workers needed follows from it'
  ),
  BATCH_MAX_EVENTS: Type.Integer({
    default: 128,
    minimum: 1,
    maximum: 10_000,
    description: 'Most events in one BullMQ job'
  }),
  BATCH_MAX_BYTES: Type.Integer({
    default: 1_048_576,
    minimum: 1_024,
    maximum: 104_857_600,
    description: 'Size above which a BullMQ job accepts no further event'
  }),
  RULE_ENGINE_WORKER_CONCURRENCY: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 10_000,
    description: 'Batches that a process works on at once'
  }),
  HANDLER_CONCURRENCY: Type.Integer({
    default: 16,
    minimum: 1,
    maximum: 10_000,
    description: 'Events of one batch that a handler for single events works on at once'
  }),
  HANDLER_TIMEOUT_MS: milliseconds(
    30_000,
    1,
    3_600_000,
    'How long a handler may take for one event, and one that takes batches for each HANDLER_CONCURRENCY events of a ' +
    'batch'
  ),
  EVENT_ATTEMPTS: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 1_000,
    description: 'Runs of a failing event before it becomes a dead letter'
  }),
  RETRY_BACKOFF_MS: milliseconds(1_000, 1, 3_600_000, 'First delay of the exponential backoff between attempts'),
  DEAD_LETTER_MAX_EVENTS: Type.Integer({
    default: 1_000_000,
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'Most dead letters that are kept; DEAD_LETTER_OVERFLOW says what happens at that number'
  }),
  DEAD_LETTER_MAX_BYTES: bytes(
    'Most bytes of dead letters that are kept; DEAD_LETTER_OVERFLOW says what happens then',
    '0.2 of the capacity of Redis'
  ),
  DEAD_LETTER_OVERFLOW: Type.Union([Type.Literal('hold'), Type.Literal('discard-oldest')], {
    default: 'hold',
    description:
      'At DEAD_LETTER_MAX_EVENTS or DEAD_LETTER_MAX_BYTES of dead letters: workers take no further batch until ' +
      'there is room again, or the oldest of the largest group (organization, type and reason) are discarded'
  }),
  WITHOUT_HANDLER: Type.Union([Type.Literal('wait'), Type.Literal('show'), Type.Literal('discard')], {
    default: 'wait',
    description:
      'A worker with neither DELIVERY_URL nor RULES_FILE takes no batch, and events wait; or prints each event on ' +
      'standard output and finishes it, which npm start does with ROLE all; or silently finishes events'
  }),
  RULES_FILE: Type
    .Optional(Type.String({ minLength: 1, description: 'JSON file of rules; read again when it changes' })),
  DELIVERY_URL: Type.Optional(httpUrl('URL to which batches of events are posted')),
  DELIVERY_CA_FILE: Type.Optional(Type.String({
    minLength: 1,
    description: 'PEM file of authorities that sign certificates of consumers, web hooks and the key set, besides the usual ones'
  })),
  OUTBOUND_NETWORKS: Type.String({
    default: 'public, private, loopback',
    minLength: 1,
    allowed: 'public, private, loopback, link-local, addresses and CIDR networks, separated by commas',
    description:
      'Addresses to which deliveries, web hooks of rules and the reading of JWT_JWKS_URL may connect, checked on the ' +
      'address to which a name resolves'
  }),
  OUTBOUND_HOSTS: Type.Optional(Type.String({
    pattern: '^(\\*\\.)?[A-Za-z0-9.:-]+( *, *(\\*\\.)?[A-Za-z0-9.:-]+)*$',
    allowed: 'host names, *. before a name for all under it, and addresses, separated by commas',
    description: 'Hosts to which deliveries, web hooks of rules and the reading of JWT_JWKS_URL may connect; unset: any'
  })),
  DELIVERY_SECRET: Type.Optional(secret(16, 'Signs deliveries by the Standard Webhooks scheme; whsec_ and base64')),
  DELIVERY_SECRET_FILE: secretFile('DELIVERY_SECRET'),
  DELIVERY_TIMEOUT_MS: milliseconds(10_000, 1, 3_600_000, 'How long one delivery may take'),
  DELIVERY_MAX_RETRY_AFTER_MS: milliseconds(
    300_000,
    250,
    3_600_000,
    'Longest wait that a consumer can ask for by Retry-After'
  ),
  DELIVERY_MAX_DEFERRALS: Type.Integer({
    default: 20,
    minimum: 0,
    maximum: 1_000_000,
    description:
      'How often a consumer can defer one event without an attempt (429, 503); then each deferral uses up an attempt'
  }),
  DELIVERY_MAX_DEFERRAL_MS: milliseconds(
    3_600_000,
    0,
    604_800_000,
    'How long a consumer can defer one event without an attempt while it accepts others'
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type
    .Optional(httpUrl('URL of the collector for spans of sampled traces, OTLP as JSON over HTTP; if unset, no spans are recorded')),
  OTEL_EXPORTER_OTLP_HEADERS: Type
    .Optional(Type.String({
      description: 'Headers for the collector: name=value, separated by commas, with percent-encoded values'
    })),
  OTEL_SERVICE_NAME: Type.String({
    default: 'spillway',
    minLength: 1,
    description: 'Name of the service in its spans'
  }),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    default: 0.01,
    minimum: 0,
    maximum: 1,
    description:
      'Share of the requests without a traceparent that begin a sampled trace; the flag of a traceparent decides ' +
      'otherwise'
  }),
  SHUTDOWN_DELAY_MS: milliseconds(
    500,
    0,
    600_000,
    'Time between turning unready and refusing connections, in which keep-alive connections are asked to close'
  ),
  SHUTDOWN_DEADLINE_MS: milliseconds(10_000, 100, 600_000, 'Time a stopping process has for its requests and batches')
}, { additionalProperties: true })

export type Environment = Static<typeof ConfigSchema>

/** The parsed configuration: the environment keys with EVENT_PRIORITIES and SPOOL_CLASSES decoded. */
export type Config = Omit<Environment, 'EVENT_PRIORITIES' | 'SPOOL_CLASSES'> & {
  EVENT_PRIORITIES: Readonly<Record<string, number>>
  SPOOL_CLASSES: ReadonlySet<PriorityClass>
}
