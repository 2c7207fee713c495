import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { connectForWorker, type Redis } from '../../../services/redis/connection.ts'
import { startRedis } from '../../../rig/redis.ts'

/** A connection to nobody, as it is between two attempts. */
async function betweenAttempts (t: Test, connect = (address: string) => connectForWorker(address)): Promise<Redis> {
  const connection = connect('/nowhere/redis.sock')
  t.teardown(async () => connection.disconnect())
  connection.on('error', () => {})
  await nextReconnecting(connection)
  return connection
}

async function nextReconnecting (connection: Redis): Promise<void> {
  await new Promise((resolve) => { connection.once('reconnecting', resolve) })
}

t.test('a connection that is between two attempts ends when it is told to, and answers who waits', async (t) => {
  for (const connect of [connectForWorker, (address: string) => endedAtOnce(connectForWorker(address)).duplicate()]) {
    const connection = await betweenAttempts(t, connect)
    const waiting = t.rejects(connection.get('key'), { message: 'Connection is closed.' })
    const ended = new Promise((resolve) => { connection.once('end', resolve) })
    connection.disconnect()
    await Promise.all([waiting, ended])
    t.equal(connection.status, 'end')
  }
})

t.test('a connection that is told to connect anew does not end', async (t) => {
  const connection = await betweenAttempts(t)
  connection.disconnect(true)
  await nextReconnecting(connection)
  t.equal(connection.status, 'reconnecting')
})

t.test('a process whose worker was closed while Redis was gone ends by itself', async (t) => {
  const redis = await startRedis(t)
  const program = `
    import { pino } from 'pino'
    import { buildServer } from './server/build-server.ts'
    import { loadConfig } from './services/config/load-config.ts'
    const config = loadConfig({ REDIS_URL: process.argv[1], ROLE: 'all', SPOOL_CLASSES: 'none', LOG_LEVEL: 'silent' })
    const { server, spillway: app } = await buildServer({ config, log: pino({ level: 'silent' }), handlers: [] })
    await server.ready()
    while (!app.backpressure.signals.isDepthKnown) await app.backpressure.nextSignals()
    process.kill(Number(process.argv[2]), 'SIGKILL')
    while (app.backpressure.signals.isDepthKnown) await app.backpressure.nextSignals()
    await server.close()
    process.stdout.write('closed')`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    program,
    redis.url,
    String(redis.pid)
  ], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    timeout: 60_000
  })
  t.equal(stdout, 'closed')
})

function endedAtOnce (connection: Redis): Redis {
  connection.on('error', () => {})
  connection.disconnect()
  return connection
}
