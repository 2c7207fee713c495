import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const SCRIPTS = join(import.meta.dirname, '../../scripts')
/** Makes the script believe that it has not been started by root; it may be, in a container. */
const UNPRIVILEGED = ['--import', 'data:text/javascript,process.getuid = () => 1000']

const LOCKED = {
  '': {},
  'node_modules/tool': { version: '1.0.0', dev: true },
  'node_modules/library': { version: '2.0.0' },
  'node_modules/other-platform': { version: '3.0.0', optional: true }
}
const { 'node_modules/other-platform': _, '': __, ...INSTALLED } = LOCKED

interface Checkout {
  root: string
  /** The only folder on the PATH. */
  bin: string
}

/** A checkout in which everything is installed, on a system that has no program at all. */
function checkout (t: Test): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'spillway-test-'))
  t.teardown(() => { rmSync(root, { recursive: true, force: true }) })
  const bin = join(root, 'bin')
  mkdirSync(bin)
  cpSync(SCRIPTS, join(root, 'scripts'), { recursive: true })
  writePackages(join(root, 'package-lock.json'), LOCKED)
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
  writePackages(join(root, 'node_modules/.package-lock.json'), INSTALLED)
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'))
  return { root, bin }
}

function writePackages (path: string, packages: object): void {
  writeFileSync(path, JSON.stringify({ packages }))
}

/**
 * Puts a program on the PATH. Its lines run in a shell that has no other program, so they name those they use by path.
 */
function program (bin: string, name: string, ...lines: string[]): void {
  writeFileSync(join(bin, name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 })
}

interface SetupOptions {
  args?: string[]
  env?: Record<string, string>
  /** As a user who may not install anything. */
  isUnprivileged?: boolean
}

function setup (
  { root, bin }: Checkout,
  { args = [], env = {}, isUnprivileged = false }: SetupOptions = {}
): { status: number | null, output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    ...isUnprivileged ? UNPRIVILEGED : [],
    join(root, 'scripts/setup.mjs'),
    ...args
  ], { encoding: 'utf8', env: { PATH: bin, ...env } })
  return { status, output: stdout + stderr }
}

const logged = (path: string) => existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []

t.test('says and does nothing where everything is there', async (t) => {
  for (const server of ['redis-server', 'valkey-server']) {
    const here = checkout(t)
    program(here.bin, server)
    t.strictSame(setup(here), { status: 0, output: '' }, server)
  }
})

t.test('an address of a Redis is as good as a Redis', async (t) => {
  const here = checkout(t)
  t.strictSame(setup(here, { env: { REDIS_URL: 'redis://example' } }), { status: 0, output: '' })
  for (
    const line of [
      'REDIS_URL=redis://example',
      'export REDIS_URL = "redis://example"',
      "PORT=1\nREDIS_URL='unix:///run/redis.sock'\n"
    ]
  ) {
    writeFileSync(join(here.root, '.env'), line)
    t.strictSame(setup(here), { status: 0, output: '' }, line)
  }
  for (const line of ['REDIS_URL=', 'REDIS_URL=""', '# REDIS_URL=redis://example', 'OTHER_REDIS_URL=redis://example']) {
    writeFileSync(join(here.root, '.env'), line)
    t.equal(setup(here, { isUnprivileged: true }).status, 1, line)
  }
})

t.test('tests and the loss proof need a Redis of their own, whatever the address', async (t) => {
  for (const occasion of ['pretest', 'preprove']) {
    const env = { REDIS_URL: 'redis://example', npm_lifecycle_event: occasion }
    t.equal(setup(checkout(t), { env, isUnprivileged: true }).status, 1, occasion)
  }
})

t.test('Redis can be left out', async (t) => {
  t.strictSame(setup(checkout(t), { args: ['--no-redis'] }), { status: 0, output: '' })
})

t.test('names the command that installs Redis, and the alternative', async (t) => {
  const commands: [string | undefined, RegExp][] = [
    ['apt-get', /^ {4}sudo apt-get install -y redis-server$/m],
    ['apk', /^ {4}sudo apk add redis$/m],
    ['dnf', /^ {4}sudo dnf install -y valkey$/m],
    ['brew', /^ {4}brew install redis$/m],
    [undefined, /package manager of this system/]
  ]
  for (const [manager, command] of commands) {
    const here = checkout(t)
    const calls = join(here.root, 'calls')
    if (manager !== undefined) program(here.bin, manager, `echo called > ${calls}`)
    const { status, output } = setup(here, { isUnprivileged: true })
    t.equal(status, 1)
    t.match(output, command)
    t.match(output, /REDIS_URL=redis:/)
    t.strictSame(logged(calls), [], 'and runs nothing')
  }
})

t.test('installs Redis with sudo where that asks for no password', async (t) => {
  const here = checkout(t)
  const calls = join(here.root, 'calls')
  program(here.bin, 'apt-get')
  program(
    here.bin,
    'sudo',
    '[ "$2" = true ] && exit 0',
    `printf '%s\\n' "$@" >> ${calls}`,
    `printf '#!/bin/sh\\n' > ${here.bin}/redis-server`,
    `/bin/chmod 755 ${here.bin}/redis-server`
  )
  const { status, output } = setup(here, { isUnprivileged: true })
  t.equal(status, 0, output)
  t.match(output, /installing it with apt-get/)
  const [flag, shell, option, ...script] = logged(calls)
  t.strictSame([flag, shell, option], ['-n', 'sh', '-c'])
  t.match(script.join('\n'), /DEBIAN_FRONTEND=noninteractive/)
  t.match(script.join('\n'), /apt-get .*install -y --no-install-recommends \$packages/)
  t.strictSame(script.slice(-2), ['redis-server', 'redis-server'], 'packages, and services that are not to start')
})

t.test('installs what only tests need before tests only', async (t) => {
  for (const [occasion, expected] of [['pretest', ['chromium prometheus', 'prometheus']], ['prestart', []]] as const) {
    const here = checkout(t)
    const calls = join(here.root, 'calls')
    for (const name of ['redis-server', 'apt-get']) program(here.bin, name)
    program(here.bin, 'sudo', '[ "$2" = true ] && exit 0', `printf '%s\\n' "$@" >> ${calls}`)
    const { status, output } = setup(here, { isUnprivileged: true, env: { npm_lifecycle_event: occasion } })
    t.equal(status, 0, output)
    t.strictSame(logged(calls).slice(-2).filter((line) => line !== ''), expected, occasion)
  }
})

t.test('asks for nothing that tests need and have', async (t) => {
  const here = checkout(t)
  for (const name of ['redis-server', 'google-chrome', 'prometheus']) program(here.bin, name)
  t.strictSame(setup(here, { env: { npm_lifecycle_event: 'pretest', CI: 'true' } }), { status: 0, output: '' })
})

t.test('leaves out tests for want of a program, except where nobody looks', async (t) => {
  const here = checkout(t)
  program(here.bin, 'redis-server')
  t.strictSame(setup(here, { isUnprivileged: true, env: { npm_lifecycle_event: 'pretest' } }), {
    status: 0,
    output: ''
  })
  const { status, output } = setup(here, { isUnprivileged: true, env: { npm_lifecycle_event: 'pretest', CI: 'true' } })
  t.equal(status, 1)
  t.match(output, /Chromium and Prometheus on the PATH; run apt-get install chromium prometheus/)
})

t.test('does not wait for a password', async (t) => {
  const here = checkout(t)
  program(here.bin, 'apt-get')
  program(here.bin, 'sudo', '[ "$1" = -n ] && exit 1', 'exit 0')
  const { status, output } = setup(here, { isUnprivileged: true })
  t.equal(status, 1)
  t.match(output, /sudo apt-get install/)
})

t.test('shows what apt-get said when it fails', async (t) => {
  const here = checkout(t)
  program(here.bin, 'apt-get')
  program(
    here.bin,
    'sudo',
    '[ "$2" = true ] && exit 0',
    'echo "E: Unable to locate package redis-server" >&2',
    'exit 100'
  )
  const { status, output } = setup(here, { isUnprivileged: true })
  t.equal(status, 1)
  t.match(output, /E: Unable to locate package redis-server/)
  t.match(output, /REDIS_URL/)
})

t.test('runs npm ci where the packages are missing or not those of the lock file', async (t) => {
  const installed: [string, object | undefined][] = [
    ['no packages are installed', undefined],
    ['node_modules/library is 1.9.0, package-lock.json says 2.0.0', {
      ...INSTALLED,
      'node_modules/library': { version: '1.9.0' }
    }],
    ['node_modules/tool is missing, package-lock.json says 1.0.0', { 'node_modules/library': { version: '2.0.0' } }]
  ]
  for (const [reason, packages] of installed) {
    const here = checkout(t)
    const calls = join(here.root, 'calls')
    program(here.bin, 'npm', `echo "$@" >> ${calls}`)
    const list = join(here.root, 'node_modules/.package-lock.json')
    if (packages === undefined) rmSync(list)
    else writePackages(list, packages)
    const { status, output } = setup(here, { args: ['--no-redis'] })
    t.equal(status, 0)
    t.equal(output, `setup: running npm ci: ${reason}\n`)
    t.match(logged(calls), [/^ci --include=dev /])
  }
})

t.test('what an installation has beyond the lock file, and tools that a production has not, are no reason to install', async (t) => {
  const here = checkout(t)
  const list = join(here.root, 'node_modules/.package-lock.json')
  writePackages(list, { ...INSTALLED, 'node_modules/extra': { version: '1.0.0' } })
  t.strictSame(setup(here, { args: ['--no-redis'] }), { status: 0, output: '' })
  writePackages(list, { 'node_modules/library': { version: '2.0.0' } })
  t.strictSame(setup(here, { args: ['--no-redis'], env: { npm_lifecycle_event: 'prestart' } }), {
    status: 0,
    output: ''
  })
})

t.test('npm runs without the packages that it replaces on its PATH', async (t) => {
  const here = checkout(t)
  const calls = join(here.root, 'calls')
  program(here.bin, 'npm', `echo "$PATH" >> ${calls}`)
  rmSync(join(here.root, 'node_modules/.package-lock.json'))
  setup(here, { args: ['--no-redis'], env: { PATH: `${here.root}/node_modules/.bin:${here.bin}:/` } })
  t.strictSame(logged(calls), [`${here.bin}:/`])
})

t.test('falls back to npm install, and shows what npm said when that fails too', async (t) => {
  const here = checkout(t)
  const calls = join(here.root, 'calls')
  rmSync(join(here.root, 'node_modules/.package-lock.json'))
  program(here.bin, 'npm', `echo "$1 $2" >> ${calls}`, 'echo "npm error in $1" >&2', '[ "$1" = install ]')
  t.equal(setup(here, { args: ['--no-redis'] }).status, 0)
  t.strictSame(logged(calls), ['ci --include=dev', 'install --no-save'])
  program(here.bin, 'npm', 'echo "npm error in $1" >&2', 'exit 1')
  const { status, output } = setup(here, { args: ['--no-redis'] })
  t.equal(status, 1)
  t.match(output, /npm error in ci\nnpm error in install/)
})

t.test('says so when there is no npm', async (t) => {
  const here = checkout(t)
  rmSync(join(here.root, 'node_modules/.package-lock.json'))
  const { status, output } = setup(here, { args: ['--no-redis'] })
  t.equal(status, 1)
  t.match(output, /npm is not on the PATH/)
})

t.test('repairs a packaged Node.js that is too old or does not run', async (t) => {
  for (const broken of ['echo v20.0.0', 'exit 1']) {
    const here = checkout(t)
    const calls = join(here.root, 'calls')
    const bundled = join(here.root, 'node_modules/.bin/node')
    mkdirSync(join(here.root, 'node_modules/node'))
    rmSync(bundled)
    program(join(here.root, 'node_modules/.bin'), 'node', broken)
    program(here.bin, 'npm', `echo "$1 $2" >> ${calls}`, `/bin/ln -sf ${process.execPath} ${bundled}`)
    t.equal(setup(here, { args: ['--no-redis'] }).status, 0)
    t.strictSame(logged(calls), ['rebuild node'])
  }
})

t.test('takes a packaged Node.js that cannot be repaired off the PATH when the installed one will do', async (t) => {
  const here = checkout(t)
  const bundled = join(here.root, 'node_modules/.bin/node')
  mkdirSync(join(here.root, 'node_modules/node'))
  rmSync(bundled)
  program(join(here.root, 'node_modules/.bin'), 'node', 'exit 1')
  program(here.bin, 'npm', 'exit 1')
  const { status, output } = setup(here, { args: ['--no-redis'] })
  t.equal(status, 0)
  t.match(output, `using ${process.versions.node}`)
  t.equal(existsSync(bundled), false)
})

t.test('a lock that is a link or a folder of somebody else is named at once', (t) => {
  const here = checkout(t)
  rmSync(join(here.root, 'node_modules/.package-lock.json'))
  program(here.bin, 'redis-server')
  const digest = createHash('sha256').update(`${realpathSync(here.root)}/`).digest('hex').slice(0, 16)
  const lock = join(here.root, `spillway-setup-${digest}.lock`)
  symlinkSync(join(here.root, 'victim'), lock)
  const { status, output } = setup(here, { env: { TMPDIR: here.root } })
  t.equal(status, 1)
  t.match(output, /spillway-setup-\w+\.lock is not a file of this user; remove it/)
  t.notOk(existsSync(join(here.root, 'victim')))
  t.end()
})
