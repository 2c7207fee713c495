import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { BUSY_MACHINE } from '../../rig/busy-machine.ts'
import { eventually } from '../../rig/eventually.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Line { event?: string, url?: string, pid?: number, signal?: string }

/** Starts the service as a person does, in a process group of its own. */
async function npmStart (t: Test, script: string): Promise<{ npm: ChildProcess, log: Line[], dataDir: string }> {
  const dataDir = t.testdir()
  const npm = spawn('npm', ['run', script], {
    cwd: ROOT,
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      NPM_CONFIG_UPDATE_NOTIFIER: 'false',
      PORT: '0',
      WORKER_PORT: '0',
      DATA_DIR: dataDir,
      ...BUSY_MACHINE
    },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => {
    try {
      process.kill(-(npm.pid as number), 'SIGKILL')
    } catch {
      // All of them have ended.
    }
  })
  const log: Line[] = []
  createInterface({ input: npm.stdout }).on('line', (line) => {
    if (line.startsWith('{')) log.push(JSON.parse(line) as Line)
  })
  await eventually('it has started', () => log.some(({ event }) => event === 'started'))
  return { npm, log, dataDir }
}

async function assertOrderly (t: Test, log: readonly Line[], dataDir: string): Promise<void> {
  await eventually('its last lines are read', () => log.some(({ event }) => event === 'shutdown'))
  t.equal(log.filter(({ event }) => event === 'shutdown').length, 1)
  t.notOk(log.some(({ event }) => event === 'shutdown-broken-off'))
  t.notOk(existsSync(join(dataDir, 'redis.sock')), 'its Redis has ended too')
  const { pid } = log.find(({ event }) => event === 'started') as { pid: number }
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
}

for (const script of ['start', 'worker']) {
  t.test(`SIGTERM to npm run ${script} alone stops the service in order`, async (t) => {
    const { npm, log, dataDir } = await npmStart(t, script)
    const ended = once(npm, 'exit')
    npm.kill('SIGTERM')
    await ended
    await assertOrderly(t, log, dataDir)
  })
}

t.test('a Ctrl-C, which the terminal and npm both pass on, stops the service in order', async (t) => {
  const { npm, log, dataDir } = await npmStart(t, 'start')
  const ended = once(npm, 'exit')
  process.kill(-(npm.pid as number), 'SIGINT')
  await ended
  await assertOrderly(t, log, dataDir)
})

t.test('each npm script that runs until it is stopped takes the place of its shell', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const own = Object.entries(scripts).filter(([name, line]) => !name.startsWith('pre') && /\bnode /.test(line))
  t.ok(own.length > 5)
  for (const [name, line] of own) t.match(line, /^(?:[A-Z_]+=\S+ )*exec node /, name)
})
