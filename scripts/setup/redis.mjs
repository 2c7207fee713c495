import { readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { isOnPath, run, say, SetupError } from './command.mjs'

/** By the program that a system installs packages with. */
const INSTALL_COMMANDS = {
  'apt-get': 'apt-get install -y redis-server',
  apk: 'apk add redis',
  dnf: 'dnf install -y valkey',
  brew: 'brew install redis'
}

/*
 * Debian starts a service when it installs it, and again with every boot. Only the program is wanted here. policy-rc.d is
 * asked before a package starts anything: this one refuses redis-server for as long as the installation runs, so that it
 * does no harm should it be left behind. An existing policy stays what it is.
 */
const APT_SCRIPT = `
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 130' HUP INT TERM
  printf '#!/bin/sh\\nkill -0 %s 2>/dev/null || exit 0\\ncase " $* " in *" redis-server "*) exit 101;; esac\\n' $$ > $policy && chmod 755 $policy || exit 1
fi
install () { apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends redis-server; }
install || { apt-get -o DPkg::Lock::Timeout=120 update && install; } || exit 1
if [ -d /run/systemd/system ]; then systemctl disable --now redis-server || true; fi
`

/** What starts a Redis of its own, whatever the address. */
const OWN_REDIS = new Set(['pretest', 'preprove'])

/** Whether a Redis is needed and there is neither an address nor a program. */
export function isRedisMissing (root, occasion) {
  const hasAddress = !OWN_REDIS.has(occasion) && (Boolean(process.env.REDIS_URL) || namesRedis(join(root, '.env')))
  return !hasAddress && !hasRedis()
}

/** Installs redis-server where that needs no password; says how to otherwise. */
export function installRedis () {
  const asRoot = isOnPath('apt-get') ? rootPrefix() : undefined
  if (asRoot === undefined) throw new SetupError(advice())
  say('no redis-server on the PATH: installing it with apt-get (REDIS_URL would name another Redis)')
  const [command, ...args] = [...asRoot, 'sh', '-c', APT_SCRIPT]
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (status !== 0 || !hasRedis()) throw new SetupError(`apt-get could not install redis-server:\n${stdout}${stderr}\n${advice()}`)
  say('redis-server is installed; its system service is not started')
}

function hasRedis () {
  return isOnPath('redis-server') || isOnPath('valkey-server')
}

/** What to put before a command that needs root: nothing, or sudo when that asks no password, or undefined. */
function rootPrefix () {
  if (process.getuid?.() === 0) return []
  return isOnPath('sudo') && run('sudo', ['-n', 'true'], { stdio: 'ignore' }) ? ['sudo', '-n'] : undefined
}

function advice () {
  const manager = Object.keys(INSTALL_COMMANDS).find(isOnPath)
  const needsRoot = manager !== 'brew' && process.getuid?.() !== 0
  const command = manager && `${needsRoot ? 'sudo ' : ''}${INSTALL_COMMANDS[manager]}`
  return 'Spillway needs Redis and finds no redis-server and no valkey-server on the PATH. Either install one:\n' +
    `    ${command ?? 'redis-server or valkey-server, with the package manager of this system'}\n` +
    'or set REDIS_URL, in the environment or in .env, to a Redis that runs already:\n' +
    '    REDIS_URL=redis://127.0.0.1:6379'
}

/** Whether the file gives REDIS_URL a value. */
function namesRedis (envFile) {
  try {
    return /^\s*(?:export\s+)?REDIS_URL\s*=\s*["']?[^\s"'#]/m.test(readFileSync(envFile, 'utf8'))
  } catch {
    return false
  }
}
