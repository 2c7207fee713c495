import t from 'tap'
import { isRedisUrl } from '../../../services/redis/redis-url.ts'
import { parseUnixUrl } from '../../../services/redis/redis-url.ts'

t.test('reads the path of a unix socket, who logs in and the database', async (t) => {
  const table: [url: string, address: object | undefined][] = [
    ['unix:///run/redis.sock', { path: '/run/redis.sock' }],
    ['unix:///run/redis.sock?db=2', { path: '/run/redis.sock', db: 2 }],
    ['unix:///run/redis.sock?', { path: '/run/redis.sock' }],
    ['unix://:pass@/run/redis.sock', { path: '/run/redis.sock', password: 'pass' }],
    ['unix://user:pass@/run/redis.sock?db=0', { path: '/run/redis.sock', username: 'user', password: 'pass', db: 0 }],
    ['unix://user:p%40ss%2Fw%3Ard@/run/a%20b.sock', { path: '/run/a b.sock', username: 'user', password: 'p@ss/w:rd' }],
    ['unix://user:p@ss@/run/redis.sock', { path: '/run/redis.sock', username: 'user', password: 'p@ss' }],
    ['unix:///run/a@b.sock', { path: '/run/a@b.sock' }],
    ['unix://', undefined],
    ['unix:///', undefined],
    ['unix://host/run/redis.sock', undefined],
    ['unix://run/redis.sock', undefined],
    ['unix:///run/redis.sock?db=', undefined],
    ['unix:///run/redis.sock?db=two', undefined],
    ['unix:///run/redis.sock?db=-1', undefined],
    ['unix:///run/redis.sock?db=1&db=2', undefined],
    ['unix:///run/redis.sock?database=2', undefined],
    ['unix:///run/redis.sock#2', undefined],
    ['unix://:100%@/run/redis.sock', undefined],
    ['redis://host', undefined]
  ]
  for (const [url, address] of table) t.strictSame(parseUnixUrl(url), address, url)
})

t.test('a Redis that cannot be connected to is known before the start', async (t) => {
  const table: [url: string, isTaken: boolean][] = [
    ['redis://host', true],
    ['redis://host:6379/', true],
    ['redis://user:p%40ss@host:6379/2', true],
    ['rediss://:pass@host/0', true],
    ['redis://host?db=2', true],
    ['unix:///run/redis.sock?db=2', true],
    ['unix://:pass@/run/redis.sock', true],
    ['redis://host/two', false],
    ['redis://host/1/2', false],
    ['redis://:100%@host', false],
    ['redis://host:99999', false],
    ['unix:///run/redis.sock?db=two', false]
  ]
  for (const [url, isTaken] of table) t.equal(isRedisUrl(url), isTaken, url)
})
