import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { BUSY_MACHINE } from '../busy-machine.ts'
import { isAlive } from '../services/redis/embedded/setup.ts'
import { startRedis } from '../redis.ts'
import { eventually } from '../eventually.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Runs an npm command as a service manager does, and reads the log of the service that it starts. */
async function startByNpm (t: Test, command: string, env: Record<string, string>) {
  const child = spawn('npm', ['run', '--silent', command], {
    cwd: ROOT,
    env: {
      ...process.env, PORT: '0', WORKER_PORT: '0', DATA_DIR: t.testdir(), SHUTDOWN_DELAY_MS: '0', ...BUSY_MACHINE, ...env
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true
  })
  t.teardown(() => {
    // The group, so that a service without its npm ends as well.
    try { process.kill(-child.pid!, 'SIGKILL') } catch {}
  })
  const log: { event?: string, pid?: number }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) log.push(JSON.parse(line))
  })
  const started = await eventually(`${command} is started`, () => log.find(({ event }) => event === 'started'))
  return { child, log, pid: started.pid as number }
}

t.test('a signal to npm alone stops the service in order', async (t) => {
  const redis = await startRedis(t)
  for (const command of ['start', 'worker']) {
    const { child, log, pid } = await startByNpm(t, command, { REDIS_URL: redis.url })
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
    await eventually(`${command}: the service ends too`, () => !isAlive(pid))
    t.ok(log.some(({ event }) => event === 'shutdown'), `${command}: it stopped in order`)
    t.notOk(log.some(({ event }) => event === 'shutdown-broken-off'))
  }
})

t.test('no npm command leaves a shell between npm and the service', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const services = Object.entries(scripts).filter(([, command]) => command.includes('server.ts'))
  t.ok(services.length >= 3)
  for (const [name, command] of services) t.match(command, /^exec /, name)
})
