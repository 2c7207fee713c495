import t from 'tap'
import { defaultMaxmemory, maxmemoryFor } from '../../../../services/redis/embedded/server-settings.ts'
import { command, dataDirectory, embed } from './setup.ts'

const GIB = 2 ** 30
const maxmemoryOf = async (socketPath: string) =>
  Number((await command(socketPath, 'CONFIG', 'GET', 'maxmemory') as string[])[1])

t.test('the limit is a share of the machine, or of what a container may use of it', async (t) => {
  t.equal(defaultMaxmemory(10 * GIB, 0), 4 * GIB)
  t.equal(defaultMaxmemory(10 * GIB, 5 * GIB), 2 * GIB)
  t.equal(defaultMaxmemory(10 * GIB, 2 ** 60), 4 * GIB, 'a constraint that is none')
})

t.test('a limit leaves what is stored room to drain', async (t) => {
  t.equal(maxmemoryFor(1_000, 0), 1_000)
  t.equal(maxmemoryFor(1_000, 900), 1_000)
  t.equal(maxmemoryFor(1_000, 1_800), 2_000)
})

t.test('the embedded Redis has a limit, which is never below what it holds', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.equal(await maxmemoryOf(redis.socketPath), defaultMaxmemory())
  await command(redis.socketPath, 'SETRANGE', 'ballast', '50000000', 'x')
  await redis.stop()
  const { redis: smaller, lines } = embed(t, dataDir, { maxmemoryBytes: 20_000_000 })
  await smaller.start()
  const limit = await maxmemoryOf(smaller.socketPath)
  t.ok(limit > 50_000_000 && limit < 65_000_000, `${limit}`)
  t.ok(lines.some(({ event }) => event === 'embedded-redis-over-limit'))
  t.equal(await command(smaller.socketPath, 'SET', 'k', 'v'), 'OK', 'it takes writes')
})
