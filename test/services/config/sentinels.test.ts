import t from 'tap'
import { parseSentinels, sentinelProblems } from '../../../services/config/sentinels.ts'
import { redisAddressOf } from '../../../services/redis/redis-address.ts'

const REDIS_URL = 'redis://user:p%40ss@mymaster/2'

t.test('reads the addresses of Sentinels', async (t) => {
  t.strictSame(parseSentinels('a:1, b.example:26379 ,10.0.0.1:65535,[::1]:5'), [
    { host: 'a', port: 1 }, { host: 'b.example', port: 26_379 }, { host: '10.0.0.1', port: 65_535 }, { host: '::1', port: 5 }
  ])
  for (const text of ['', 'a', 'a:', ':1', 'a:0', 'a:65536', 'a:1,', 'a:1 b:2', '::1:5', 'redis://a:1', 'a:1/2', 'a@b:1']) {
    t.equal(parseSentinels(text), undefined, text)
    t.match(sentinelProblems({ REDIS_SENTINELS: text, REDIS_URL }), [{ key: 'REDIS_SENTINELS', allowed: /^host:port/ }])
  }
})

t.test('needs a URL with what the Sentinels do not know', async (t) => {
  const REDIS_SENTINELS = 'a:1'
  t.strictSame(sentinelProblems({}), [])
  t.strictSame(sentinelProblems({ REDIS_SENTINELS, REDIS_URL }), [])
  for (const url of [undefined, 'unix:///run/redis.sock']) {
    t.match(sentinelProblems({ REDIS_SENTINELS, ...(url !== undefined && { REDIS_URL: url }) }), [{ allowed: /REDIS_URL/ }])
  }
})

t.test('makes an address of both', async (t) => {
  t.strictSame(
    redisAddressOf(REDIS_URL, { REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_NAME: 'main', REDIS_SENTINEL_PASSWORD: 'word' }),
    { url: REDIS_URL, sentinels: { nodes: [{ host: 'a', port: 1 }], name: 'main', password: 'word' } }
  )
  t.equal(redisAddressOf(REDIS_URL, { REDIS_SENTINEL_NAME: 'main' }), REDIS_URL)
})
