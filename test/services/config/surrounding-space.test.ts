import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import { trimmedKeys } from '../../../services/config/surrounding-space.ts'
import { ConfigSchema } from '../../../services/config/schema.ts'

const SECRETS = {
  ADMIN_TOKEN: 'token-of-the-operators',
  DELIVERY_SECRET: 'whsec_a2V5LXRoYXQtc2lnbnM=',
  REDIS_URL: 'redis://:pass@host:6379/2',
  DELIVERY_URL: 'http://consumer/events?key=k',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=k',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318'
}

t.test('a secret or a URL from a file is taken without the line break that the file ends with', async (t) => {
  for (const [key, value] of Object.entries(SECRETS)) {
    for (const given of [`${value}\n`, `${value}\r\n`, `${value}\n\n`, ` ${value}\t`]) {
      t.match(loadConfig({ [key]: given }), { [key]: value }, JSON.stringify(given))
      t.strictSame(trimmedKeys({ [key]: given }), [key])
    }
    t.strictSame(trimmedKeys({ [key]: value }), [])
  }
})

t.test('every other value loses line breaks at its end, and nothing else', async (t) => {
  t.match(loadConfig({ PORT: '4000\n', ROLE: 'api\r\n', DATA_DIR: '/data\n', BACKPRESSURE_PRESET: 'staging\n' }), {
    PORT: 4_000, ROLE: 'api', DATA_DIR: '/data', QUEUE_WARNING_THRESHOLD: 5_000
  })
  t.strictSame(trimmedKeys({ PORT: '4000\n', ROLE: 'api', FOREIGN: 'x\n', HOST: undefined }), ['PORT'])
  t.match(loadConfig({ DATA_DIR: '/data ' }), { DATA_DIR: '/data ' })
  t.throws(() => loadConfig({ PORT: ' 4000' }), { code: 'CONFIG_INVALID' })
  t.strictSame(
    loadConfig(Object.fromEntries(Object.keys(ConfigSchema.properties).map((key) => [key, '\n']))),
    loadConfig({}),
    'one of line breaks alone is unset'
  )
})
