import t from 'tap'
import { ConfigSchema } from '../../../services/config/schema.ts'
import { unknownKeys } from '../../../services/config/unknown-keys.ts'

t.test('a misspelled key comes with the key that was meant', async (t) => {
  const table: [key: string, suggestion: string][] = [
    ['QUEUE_WARNING_TRESHOLD', 'QUEUE_WARNING_THRESHOLD'],
    ['QUEUE_CRITICAL_TRESHOLD', 'QUEUE_CRITICAL_THRESHOLD'],
    ['QUEUE_CRITICAL', 'QUEUE_CRITICAL_BYTES'],
    ['QUEUE_LIMIT', 'QUEUE_HARD_LIMIT'],
    ['RULE_ENGINE_CONCURRENCY', 'RULE_ENGINE_WORKER_CONCURRENCY'],
    ['DELIVERY_TIMEOUT', 'DELIVERY_TIMEOUT_MS'],
    ['BATCH_MAX_EVENT', 'BATCH_MAX_EVENTS'],
    ['EVENT_PRIORITY', 'EVENT_PRIORITIES'],
    ['STREAM_PATIENCE', 'STREAM_PATIENCE_MS'],
    ['SHUTDOWN_DEADLINE_SECONDS', 'SHUTDOWN_DEADLINE_MS'],
    ['BACKPRESSURE_PRESETS', 'BACKPRESSURE_PRESET'],
    ['HANDLER_TIMEOUT', 'HANDLER_TIMEOUT_MS'],
    ['RETRY_BACKOFF', 'RETRY_BACKOFF_MS'],
    ['READINESS_FAIL_WHEN_OPEN', 'READINESS_FAILS_WHEN_OPEN'],
    ['ENABLE_BACKPRESURE', 'ENABLE_BACKPRESSURE'],
    ['REDIS_ULR', 'REDIS_URL']
  ]
  for (const [key, suggestion] of table) t.strictSame(unknownKeys({ [key]: '1' }), [{ key, suggestion }], key)
})

t.test('the keys of other programs are none of our business', async (t) => {
  t.strictSame(
    unknownKeys({
      PATH: '',
      HOSTNAME: '',
      POST: '',
      NODE_ENV: '',
      REDIS_PASSWORD: '',
      LOG_FORMAT: '',
      npm_config_cache: ''
    }),
    []
  )
})

t.test('known keys are never reported', async (t) => {
  t.strictSame(unknownKeys(Object.fromEntries(Object.keys(ConfigSchema.properties).map((key) => [key, '1']))), [])
})

t.test('answers sorted keys', async (t) => {
  t.strictSame(unknownKeys({ STREAM_X: '', BATCH_X: '', QUEUE_X: '' }).map(({ key }) => key), [
    'BATCH_X',
    'QUEUE_X',
    'STREAM_X'
  ])
})
