import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import { parseNodes, redisNodeProblems } from '../../../services/config/redis-nodes.ts'
import { slotOf } from '../../../services/redis/cluster/key-slot.ts'
import { addressOfKey, redisAddressOf } from '../../../services/redis/redis-address.ts'

const REDIS_URL = 'redis://user:p%40ss@mymaster/2'

t.test('reads the addresses of Sentinels and of nodes', async (t) => {
  t.strictSame(parseNodes('a:1, b.example:26379 ,10.0.0.1:65535,[::1]:5'), [
    { host: 'a', port: 1 }, { host: 'b.example', port: 26_379 }, { host: '10.0.0.1', port: 65_535 }, { host: '::1', port: 5 }
  ])
  for (const text of ['', 'a', 'a:', ':1', 'a:0', 'a:65536', 'a:1,', 'a:1 b:2', '::1:5', 'redis://a:1', 'a:1/2', 'a@b:1']) {
    t.equal(parseNodes(text), undefined, text)
    for (const key of ['REDIS_SENTINELS', 'REDIS_CLUSTER_NODES']) {
      t.match(redisNodeProblems({ [key]: text, REDIS_URL }), [{ key, allowed: /^host:port/ }])
    }
  }
})

t.test('Sentinels need a URL with what they do not know', async (t) => {
  const REDIS_SENTINELS = 'a:1'
  t.strictSame(redisNodeProblems({}), [])
  t.strictSame(redisNodeProblems({ REDIS_SENTINELS, REDIS_URL }), [])
  for (const url of [undefined, 'unix:///run/redis.sock']) {
    t.match(redisNodeProblems({ REDIS_SENTINELS, ...(url !== undefined && { REDIS_URL: url }) }), [{ allowed: /REDIS_URL/ }])
  }
})

t.test('a Cluster needs no URL, and takes none that it cannot fulfil', async (t) => {
  const nodes = { REDIS_CLUSTER_NODES: 'a:1,b:2' }
  for (const url of ['redis://user:word@a', 'rediss://a:1/', 'redis://a/0']) {
    t.strictSame(redisNodeProblems({ ...nodes, REDIS_URL: url }), [], url)
    t.equal(loadConfig({ ...nodes, REDIS_URL: url }).REDIS_URL, url)
  }
  t.strictSame(redisNodeProblems(nodes), [])
  t.equal(loadConfig({ REDIS_CLUSTER_NODES: ' [::1]:7 ,b:2' }).REDIS_URL, 'redis://[::1]:7', 'no embedded Redis')
  const key = 'REDIS_CLUSTER_NODES'
  t.match(redisNodeProblems({ ...nodes, REDIS_URL: 'unix:///run/redis.sock' }), [{ key, allowed: /redis:\/\/ or rediss/ }])
  t.match(redisNodeProblems({ ...nodes, REDIS_URL: 'redis://a/2' }), [{ key, allowed: /only database 0/ }])
  t.match(redisNodeProblems({ ...nodes, REDIS_URL: 'redis://a', REDIS_SENTINELS: 'c:1' }), [{
    key, allowed: /^either REDIS_CLUSTER_NODES or REDIS_SENTINELS/
  }])
})

t.test('makes an address of both', async (t) => {
  t.strictSame(
    redisAddressOf(REDIS_URL, { REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_NAME: 'main', REDIS_SENTINEL_PASSWORD: 'word' }, 'x'),
    { url: REDIS_URL, sentinels: { nodes: [{ host: 'a', port: 1 }], name: 'main', password: 'word' } }
  )
  t.equal(redisAddressOf(REDIS_URL, { REDIS_SENTINEL_NAME: 'main' }, 'x'), REDIS_URL)
})

t.test('an address in a Cluster leads to the slot of a key, and to that of another one', async (t) => {
  const address = redisAddressOf('redis://a', { REDIS_CLUSTER_NODES: 'a:1' }, '{spillway:0}')
  const nodes = [{ host: 'a', port: 1 }]
  t.strictSame(address, { url: 'redis://a', cluster: { nodes, slot: slotOf('{spillway:0}:ledger') } })
  t.strictSame(addressOfKey(address, '{spillway:1}'), { url: 'redis://a', cluster: { nodes, slot: slotOf('spillway:1') } })
  t.equal(addressOfKey('redis://a', '{spillway:1}'), 'redis://a')
})
