import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import { describeGiven, redactedConfig, redactUrl } from '../../../services/config/redaction.ts'

t.test('a URL keeps scheme, host and path', async (t) => {
  const table: [url: string, shown: string][] = [
    ['redis://localhost:6379/0', 'redis://localhost:6379/0'],
    ['redis://:secret@localhost:6379', 'redis://***@localhost:6379'],
    ['rediss://user:s@cr@t@host', 'rediss://***@host'],
    ['redis://user:se/cr?t@host/0', 'redis://***@host/0'],
    ['unix:///var/run/redis.sock', 'unix:///var/run/redis.sock'],
    ['https://host/hook?token=secret', 'https://host/hook?***'],
    ['https://host/hook#secret', 'https://host/hook#***'],
    ['user:secret@host', '***@host']
  ]
  for (const [url, shown] of table) t.equal(redactUrl(url), shown, url)
})

t.test('the configuration is logged without its secrets', async (t) => {
  const config = loadConfig({
    REDIS_URL: 'redis://user:secret-one@redis:6379',
    DELIVERY_URL: 'https://consumer/events?key=secret-two',
    DELIVERY_SECRET: 'whsec_c2VjcmV0LXRocmVl',
    ADMIN_TOKEN: 'a token of operators'
  })
  const { REDIS_URL, DELIVERY_URL, DELIVERY_SECRET, ADMIN_TOKEN, ...rest } = redactedConfig(config)
  t.strictSame({ REDIS_URL, DELIVERY_URL, DELIVERY_SECRET, ADMIN_TOKEN }, {
    REDIS_URL: 'redis://***@redis:6379',
    DELIVERY_URL: 'https://consumer/events?***',
    DELIVERY_SECRET: '***',
    ADMIN_TOKEN: '***'
  })
  t.strictSame(rest, redactedConfig(loadConfig({})), 'the other keys are shown as they are')
  t.equal(config.REDIS_URL, 'redis://user:secret-one@redis:6379', 'the configuration itself is untouched')
})

t.test('a key is a secret by its name, whether or not it is known', async (t) => {
  const config = loadConfig({ OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret' })
  for (const key of ['DELIVERY_SECRET', 'ADMIN_TOKEN', 'REDIS_PASSWORD', 'OTEL_EXPORTER_OTLP_HEADERS']) {
    t.equal(describeGiven(key, 'secret'), '6 characters', key)
    t.equal(redactedConfig(Object.assign({ ...config }, { [key]: 'secret' }))[key], '***', key)
  }
  t.equal(describeGiven('EVENT_PRIORITIES', 'plain'), '"plain"')
})
