import t from 'tap'
import { ConfigError } from '../../../services/config/config-error.ts'
import { loadConfig, type EnvironmentVariables } from '../../../services/config/load-config.ts'

/** The lines of the message that a start with this environment ends with, undefined when it would start. */
function complaints (environment: EnvironmentVariables): string[] | undefined {
  try {
    loadConfig(environment)
    return undefined
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [head, ...lines] = error.message.split('\n')
    return head === 'invalid configuration:' ? lines : [`unexpected head: ${head}`]
  }
}

const THRESHOLD = 'integer from 1 to 1000000000'
const PRIORITIES = 'JSON object from event type to integer from 1 to 10'
const CLASSES = 'none, or one or several of critical, normal, low, separated by commas'
const SECRET = 'text of at least 16 characters without control characters'
const ORIGINS = '* or DNS names, separated by commas'
const NAMESPACE = '1 to 64 characters out of A to Z, a to z, 0 to 9, dot, underscore and hyphen'
const REDIS = 'URL that begins with redis://, rediss:// or unix://'

/** Key, what is given, the line that it earns. */
const WRONG: [key: string, value: string, line: string][] = [
  ['PORT', 'abc', '  PORT: given "abc", allowed: integer from 0 to 65535'],
  ['PORT', '65536', '  PORT: given "65536", allowed: integer from 0 to 65535'],
  ['PORT', '-1', '  PORT: given "-1", allowed: integer from 0 to 65535'],
  ['PORT', '1.5', '  PORT: given "1.5", allowed: integer from 0 to 65535'],
  ['PORT', '12abc', '  PORT: given "12abc", allowed: integer from 0 to 65535'],
  ['PORT', '0x10', '  PORT: given "0x10", allowed: integer from 0 to 65535'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.01', '  OTEL_TRACES_SAMPLER_ARG: given "1.01", allowed: number from 0 to 1'],
  ['OTEL_TRACES_SAMPLER_ARG', '-0.1', '  OTEL_TRACES_SAMPLER_ARG: given "-0.1", allowed: number from 0 to 1'],
  ['OTEL_TRACES_SAMPLER_ARG', '1e-3', '  OTEL_TRACES_SAMPLER_ARG: given "1e-3", allowed: number from 0 to 1'],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'http://user:secret@host:99999?key=secret',
    '  OTEL_EXPORTER_OTLP_ENDPOINT: given "http://***@host:99999?***", allowed: URL that begins with http:// or ' +
    'https://'
  ],
  ['PORT', '1e3', '  PORT: given "1e3", allowed: integer from 0 to 65535'],
  ['PORT', 'NaN', '  PORT: given "NaN", allowed: integer from 0 to 65535'],
  ['PORT', ' 3000', '  PORT: given " 3000", allowed: integer from 0 to 65535'],
  ['PORT', 'true', '  PORT: given "true", allowed: integer from 0 to 65535'],
  ['PORT', '80\n81', '  PORT: given "80\\n81", allowed: integer from 0 to 65535'],
  ['WORKER_PORT', 'tcp://10.0.0.1:80', '  WORKER_PORT: given "tcp://10.0.0.1:80", allowed: integer from 0 to 65535'],
  ['ROLE', 'both', '  ROLE: given "both", allowed: one of all, api, worker'],
  ['ROLE', 'API', '  ROLE: given "API", allowed: one of all, api, worker'],
  [
    'LOG_LEVEL',
    'verbose',
    '  LOG_LEVEL: given "verbose", allowed: one of fatal, error, warn, info, debug, trace, silent'
  ],
  ['REDIS_URL', 'localhost:6379', `  REDIS_URL: given "localhost:6379", allowed: ${REDIS}`],
  ['REDIS_URL', 'redis://localhost:99999', `  REDIS_URL: given "redis://localhost:99999", allowed: ${REDIS}`],
  ['NAMESPACE', 'a b', `  NAMESPACE: given "a b", allowed: ${NAMESPACE}`],
  ['NAMESPACE', '{a}', `  NAMESPACE: given "{a}", allowed: ${NAMESPACE}`],
  ['NAMESPACE', 'a:b', `  NAMESPACE: given "a:b", allowed: ${NAMESPACE}`],
  ['NAMESPACE', 'a*', `  NAMESPACE: given "a*", allowed: ${NAMESPACE}`],
  ['NAMESPACE', 'bestände', `  NAMESPACE: given "bestände", allowed: ${NAMESPACE}`],
  ['NAMESPACE', '/tmp', `  NAMESPACE: given "/tmp", allowed: ${NAMESPACE}`],
  ['NAMESPACE', 'x'.repeat(65), `  NAMESPACE: given "${'x'.repeat(65)}", allowed: ${NAMESPACE}`],
  ['REDIS_APPENDFSYNC', 'no', '  REDIS_APPENDFSYNC: given "no", allowed: one of always, everysec'],
  ['ENABLE_BACKPRESSURE', 'yes', '  ENABLE_BACKPRESSURE: given "yes", allowed: one of true, false, observe'],
  [
    'BACKPRESSURE_PRESET',
    'production',
    '  BACKPRESSURE_PRESET: given "production", allowed: one of development, staging, production-10k, production-100k'
  ],
  [
    'BACKPRESSURE_PRESET',
    'constructor',
    '  BACKPRESSURE_PRESET: given "constructor", allowed: one of development, staging, production-10k, production-100k'
  ],
  ['QUEUE_WARNING_THRESHOLD', '0', `  QUEUE_WARNING_THRESHOLD: given "0", allowed: ${THRESHOLD}`],
  ['QUEUE_CRITICAL_THRESHOLD', '1000000001', `  QUEUE_CRITICAL_THRESHOLD: given "1000000001", allowed: ${THRESHOLD}`],
  ['QUEUE_HARD_LIMIT', '1_000_000', `  QUEUE_HARD_LIMIT: given "1_000_000", allowed: ${THRESHOLD}`],
  ['QUEUE_SAMPLE_INTERVAL_MS', '9', '  QUEUE_SAMPLE_INTERVAL_MS: given "9", allowed: integer from 10 to 10000'],
  ['READINESS_FAILS_WHEN_OPEN', 'yes', '  READINESS_FAILS_WHEN_OPEN: given "yes", allowed: true or false'],
  ['READINESS_FAILS_WHEN_OPEN', '1', '  READINESS_FAILS_WHEN_OPEN: given "1", allowed: true or false'],
  ['READINESS_FAILS_WHEN_OPEN', 'True', '  READINESS_FAILS_WHEN_OPEN: given "True", allowed: true or false'],
  ['MAX_HEAP_USED_BYTES', '-1', '  MAX_HEAP_USED_BYTES: given "-1", allowed: integer of at least 0'],
  [
    'MAX_HEAP_USED_BYTES',
    '99999999999999999999',
    '  MAX_HEAP_USED_BYTES: given "99999999999999999999", allowed: integer of at least 0'
  ],
  ['DEFAULT_EVENT_PRIORITY', '11', '  DEFAULT_EVENT_PRIORITY: given "11", allowed: integer from 1 to 10'],
  ['EVENT_PRIORITIES', '{"a":1', `  EVENT_PRIORITIES: given "{\\"a\\":1", allowed: ${PRIORITIES}`],
  ['EVENT_PRIORITIES', '[1]', `  EVENT_PRIORITIES: given "[1]", allowed: ${PRIORITIES}`],
  ['EVENT_PRIORITIES', 'null', `  EVENT_PRIORITIES: given "null", allowed: ${PRIORITIES}`],
  ['EVENT_PRIORITIES', '5', `  EVENT_PRIORITIES: given "5", allowed: ${PRIORITIES}`],
  ['EVENT_PRIORITIES', '{"a":0}', '  EVENT_PRIORITIES["a"]: given 0, allowed: integer from 1 to 10'],
  ['EVENT_PRIORITIES', '{"a":"1"}', '  EVENT_PRIORITIES["a"]: given "1", allowed: integer from 1 to 10'],
  ['SPOOL_CLASSES', 'urgent', `  SPOOL_CLASSES: given "urgent", allowed: ${CLASSES}`],
  ['SPOOL_CLASSES', 'critical,', `  SPOOL_CLASSES: given "critical,", allowed: ${CLASSES}`],
  ['SPOOL_CLASSES', 'none,low', `  SPOOL_CLASSES: given "none,low", allowed: ${CLASSES}`],
  ['SPOOL_MAX_BYTES', '4095', '  SPOOL_MAX_BYTES: given "4095", allowed: integer of at least 4096'],
  ['SPOOL_DRAIN_RATE', '0', '  SPOOL_DRAIN_RATE: given "0", allowed: integer from 1 to 10000000'],
  ['BATCH_MAX_EVENTS', '0', '  BATCH_MAX_EVENTS: given "0", allowed: integer from 1 to 10000'],
  ['EVENT_ATTEMPTS', '3.0', '  EVENT_ATTEMPTS: given "3.0", allowed: integer from 1 to 1000'],
  [
    'DELIVERY_URL',
    'ftp://host/x',
    '  DELIVERY_URL: given "ftp://host/x", allowed: URL that begins with http:// or https://'
  ],
  ['DELIVERY_URL', 'http://', '  DELIVERY_URL: given "http://", allowed: URL that begins with http:// or https://'],
  ['DELIVERY_SECRET', 'hunter2', `  DELIVERY_SECRET: given 7 characters, allowed: ${SECRET}`],
  ['ADMIN_TOKEN', 'token-in-two-\nlines-of-a-file', `  ADMIN_TOKEN: given 29 characters, allowed: ${SECRET}`],
  ['ADMIN_TOKEN', 'token-with-a-control\u009B', `  ADMIN_TOKEN: given 21 characters, allowed: ${SECRET}`],
  [
    'WEBHOOK_ALLOWED_ORIGINS',
    'https://sender.example',
    `  WEBHOOK_ALLOWED_ORIGINS: given "https://sender.example", allowed: ${ORIGINS}`
  ],
  ['WEBHOOK_ALLOWED_ORIGINS', 'a.example,*', `  WEBHOOK_ALLOWED_ORIGINS: given "a.example,*", allowed: ${ORIGINS}`],
  ['REDIS_URL', 'unix:///run/redis.sock?db=two', `  REDIS_URL: given "unix:///run/redis.sock?***", allowed: ${REDIS}`],
  ['REDIS_URL', 'unix://:secret@host', `  REDIS_URL: given "unix://***@host", allowed: ${REDIS}`],
  ['SHUTDOWN_DEADLINE_MS', '99', '  SHUTDOWN_DEADLINE_MS: given "99", allowed: integer from 100 to 600000']
]

t.test('names the key, what was given and what is allowed', async (t) => {
  for (const [key, value, line] of WRONG) t.strictSame(complaints({ [key]: value }), [line], line.trim())
})

t.test('lists every bad key in one message', async (t) => {
  const environment = {
    SHUTDOWN_DELAY_MS: 'soon',
    PORT: 'abc',
    ROLE: 'both',
    BATCH_MAX_BYTES: '10',
    EVENT_PRIORITIES: '{"fine":2,"high":0,"half":1.5,"two\\nlines":null}',
    QUEUE_RECOVERY_THRESHOLD: '20000',
    QUEUE_CRITICAL_THRESHOLD: 'lots'
  }
  t.strictSame(complaints(environment), [
    '  PORT: given "abc", allowed: integer from 0 to 65535',
    '  ROLE: given "both", allowed: one of all, api, worker',
    `  QUEUE_CRITICAL_THRESHOLD: given "lots", allowed: ${THRESHOLD}`,
    '  BATCH_MAX_BYTES: given "10", allowed: integer from 1024 to 104857600',
    '  SHUTDOWN_DELAY_MS: given "soon", allowed: integer from 0 to 600000',
    '  EVENT_PRIORITIES["high"]: given 0, allowed: integer from 1 to 10',
    '  EVENT_PRIORITIES["half"]: given 1.5, allowed: integer from 1 to 10',
    '  EVENT_PRIORITIES["two\\nlines"]: given null, allowed: integer from 1 to 10',
    '  QUEUE_RECOVERY_THRESHOLD: given "20000", allowed: values in the order QUEUE_RECOVERY_THRESHOLD (20000) < ' +
      'QUEUE_WARNING_THRESHOLD (unset, so 10000) < QUEUE_HARD_LIMIT (unset, so 1000000)'
  ])
})

t.test('throws an error with a code and the problems as values', async (t) => {
  t.throws(() => loadConfig({ PORT: 'abc' }), {
    name: 'ConfigError',
    code: 'CONFIG_INVALID',
    problems: [{ key: 'PORT', given: '"abc"', allowed: 'integer from 0 to 65535' }]
  })
})

t.test('prints neither secrets nor credentials', async (t) => {
  const lines = complaints({
    DELIVERY_SECRET: 'correct-horse',
    REDIS_URL: 'http://admin:p@ss/w?rd@redis:6379/0',
    DELIVERY_URL: 'https:/ /user:battery@host/hook?token=staple'
  })
  t.strictSame(lines, [
    `  REDIS_URL: given "http://***@redis:6379/0", allowed: ${REDIS}`,
    '  DELIVERY_URL: given "***@host/hook?***", allowed: URL that begins with http:// or https://',
    `  DELIVERY_SECRET: given 13 characters, allowed: ${SECRET}`
  ])
})

t.test('shortens what is too long for a message', async (t) => {
  t.strictSame(complaints({ ROLE: 'x'.repeat(1_000) }), [
    `  ROLE: given "${'x'.repeat(120)}…", allowed: one of all, api, worker`
  ])
})

t.test('an empty variable counts as unset', async (t) => {
  const defaults = loadConfig({})
  t.strictSame(loadConfig(Object.fromEntries(Object.keys(defaults).map((key) => [key, '']))), defaults)
  t.strictSame(loadConfig({ REDIS_URL: '', BACKPRESSURE_PRESET: '', DELIVERY_URL: undefined }), defaults)
})

t.test('gives numbers, booleans and priorities their types', async (t) => {
  const config = loadConfig({
    PORT: '0',
    READINESS_FAILS_WHEN_OPEN: 'true',
    EVENT_PRIORITIES: '{"admission":2,"__proto__":3}',
    ENABLE_BACKPRESSURE: 'false'
  })
  t.equal(config.PORT, 0)
  t.equal(config.READINESS_FAILS_WHEN_OPEN, true)
  t.equal(config.ENABLE_BACKPRESSURE, 'false')
  t.strictSame(Object.entries(config.EVENT_PRIORITIES), [['admission', 2], ['__proto__', 3]])
})

t.test('gives the classes that are spooled as a set', async (t) => {
  t.strictSame([...loadConfig({}).SPOOL_CLASSES], ['critical'])
  t.strictSame([...loadConfig({ SPOOL_CLASSES: 'low, critical,low' }).SPOOL_CLASSES], ['low', 'critical'])
  t.strictSame([...loadConfig({ SPOOL_CLASSES: 'none' }).SPOOL_CLASSES], [])
})

t.test('an event type named like a property of objects has no priority', async (t) => {
  t.equal(loadConfig({}).EVENT_PRIORITIES.constructor, undefined)
})

t.test('leaves the environment and its foreign keys alone', async (t) => {
  const environment = Object.freeze({ PORT: '4000', PATH: '/bin' })
  t.notOk('PATH' in loadConfig(environment))
})

t.test('a share is a number with or without a fraction', async (t) => {
  for (const [text, share] of [['0', 0], ['1', 1], ['0.25', 0.25], ['', 0.01]] as const)
    t.equal(loadConfig({ OTEL_TRACES_SAMPLER_ARG: text }).OTEL_TRACES_SAMPLER_ARG, share, text)
})

t.test('a password that is not percent-encoded gets the key and what to do, and is not shown', async (t) => {
  for (
    const url of [
      'redis://:se/cret@host:6379',
      'redis://:se#cret@host',
      'redis://u:s@e/cret@host',
      'redis://:%zzecret@host',
      'redis://:secret',
      'redis://u:se?cret'
    ]
  ) {
    const lines = complaints({ REDIS_URL: url })?.join('\n') ?? ''
    t.match(lines, /^ {2}REDIS_URL: given .*percent-encode the user name and the password: @ as %40/, url)
    t.notMatch(lines, /cret/, url)
  }
  for (
    const url of [
      'redis://:s%40crets@host:6379/2',
      'redis://:p@ss@host',
      'redis://host',
      'redis://[::1]:6379',
      'unix:///run/redis.sock'
    ]
  ) {
    t.equal(loadConfig({ REDIS_URL: url }).REDIS_URL, url)
  }
})
