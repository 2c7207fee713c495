import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { startInside } from '../app.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { BUSY_MACHINE } from '../../rig/busy-machine.ts'
import { eventually } from '../../rig/eventually.ts'

t.test('the embedded Redis has the memory and the durability that are configured', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'spillway-test-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }))
  const config = loadConfig({
    DATA_DIR: dataDir,
    ROLE: 'api',
    SPOOL_CLASSES: 'none',
    REDIS_MAXMEMORY_BYTES: '123456789',
    REDIS_APPENDFSYNC: 'everysec',
    ...BUSY_MACHINE
  })
  const app = await startInside(t, { config, log: pino({ level: 'silent' }), handlers: [] })
  // A start does not wait for the connection.
  await eventually('Redis is connected', () => app.redis.status === 'ready')
  t.strictSame(await app.redis.config('GET', 'maxmemory'), ['maxmemory', '123456789'])
  t.strictSame(await app.redis.config('GET', 'appendfsync'), ['appendfsync', 'everysec'])
})
