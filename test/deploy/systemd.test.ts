import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ConfigSchema } from '../../services/config/schema.ts'
import { STOP_DEADLINE_MS } from '../../services/redis/embedded/server-processes.ts'

const ROOT = join(import.meta.dirname, '../..')
const text = readFileSync(join(ROOT, 'deploy/systemd/spillway.service'), 'utf8')

/** The values of a field, of all its lines. */
const valuesOf = (field: string) =>
  [...text.matchAll(new RegExp(`^${field}=(.*)$`, 'gm'))].map(([, value]) => value as string)
const hasAnalyzer = spawnSync('systemd-analyze', ['--version']).status === 0

t.test('the unit runs what is there, with what an orderly end needs', async (t) => {
  const [command] = valuesOf('ExecStart') as [string]
  const words = command.split(' ')
  t.ok(existsSync(join(ROOT, words.at(-1) as string)))
  const scripts = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts as Record<string, string>
  for (const flag of words.filter((word) => word.startsWith('--'))) t.ok(scripts.start?.includes(flag), flag)
  const { SHUTDOWN_DELAY_MS, SHUTDOWN_DEADLINE_MS } = ConfigSchema.properties
  const seconds = Number(/^(\d+)s$/.exec(valuesOf('TimeoutStopSec')[0] as string)?.[1])
  t.ok(seconds * 1_000 > SHUTDOWN_DELAY_MS.default + SHUTDOWN_DEADLINE_MS.default + STOP_DEADLINE_MS)
  t.strictSame(valuesOf('KillMode'), ['mixed'], 'the embedded Redis is not ended before the queue')
  t.strictSame(
    valuesOf('StateDirectory').map((name) => `DATA_DIR=%S/${name}`),
    valuesOf('Environment').filter((value) => value.startsWith('DATA_DIR'))
  )
  t.ok(Number(valuesOf('LimitNOFILE')[0]) >= 65_536)
  for (
    const [field, value] of [['NoNewPrivileges', 'yes'], ['ProtectSystem', 'strict'], ['ProtectHome', 'yes'], [
      'UMask',
      '0077'
    ], ['CapabilityBoundingSet', '']] as const
  ) {
    t.strictSame(valuesOf(field), [value], field)
  }
  t.strictSame(valuesOf('MemoryDenyWriteExecute'), [], 'Node.js could not run')
})

t.test('each environment key of the unit is one of Spillway or of Node.js', async (t) => {
  for (const value of valuesOf('Environment')) {
    const [key = ''] = value.split('=')
    t.ok(key in ConfigSchema.properties || key === 'NODE_ENV', key)
  }
})

t.test(
  'systemd finds nothing wrong with the unit',
  { skip: hasAnalyzer ? false : 'needs systemd-analyze' },
  async (t) => {
    const path = join(t.testdir(), 'spillway.service')
    // The path of Node.js on this machine is no fault of the unit.
    writeFileSync(path, text.replace('/usr/bin/node', process.execPath))
    const { status, stderr, stdout } = spawnSync('systemd-analyze', [
      'verify',
      '--man=no',
      '--generators=no',
      '--recursive-errors=no',
      path
    ], { encoding: 'utf8' })
    t.equal(`${stdout}${stderr}`, '')
    t.equal(status, 0)
  }
)
