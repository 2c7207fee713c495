import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import t from 'tap'
import { Scripts } from '../../../services/redis/scripts.ts'
import { startRedis } from '../../../rig/redis.ts'

t.test('loads the scripts of a folder, with as many keys as they take', async (t) => {
  const folder = t.testdir({
    lua: {
      'copy-value.lua': "return redis.call('SET', KEYS[2], redis.call('GET', KEYS[1]) .. ARGV[1])",
      'how-many.lua': 'return #KEYS * FACTOR'
    }
  })
  const redis = new Redis((await startRedis(t)).path)
  t.teardown(async () => redis.disconnect())
  const scripts = new Scripts(redis, pathToFileURL(join(folder, 'module.ts')).href, {
    'copy-value': 2,
    'how-many': undefined
  }, { FACTOR: 10 })
  await redis.set('from', 'a')
  await scripts.run('copy-value', ['from', 'to', 'b'])
  t.equal(await redis.get('to'), 'ab')
  t.equal(await scripts.run('how-many', [3, 'a', 'b', 'c', 'd']), 30)
  t.strictSame(scripts.step('copy-value', ['from', 'to', 'b']), {
    name: 'spillway:copy-value',
    args: ['from', 'to', 'b']
  })
})

t.test('two scripts of one name would be one command, and are refused', async (t) => {
  const folder = t.testdir({ one: { lua: { 'same.lua': 'return 1' } }, two: { lua: { 'same.lua': 'return 2' } } })
  const defined: string[] = []
  const redis = { defineCommand: (name: string) => { defined.push(name) } } as never
  const load = (name: string) => new Scripts(redis, pathToFileURL(join(folder, name, 'module.ts')).href, { same: 0 })
  load('one')
  load('one')
  t.throws(() => load('two'), { message: /two scripts are named same: .*one.*two/ })
  t.strictSame(defined, ['spillway:same', 'spillway:same'])
})
