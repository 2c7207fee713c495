import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall, canAptInstall } from './apt.mjs'
import { isOnPath, say, SetupError } from './command.mjs'

/** Install commands by package manager. */
const INSTALL_COMMANDS = {
  'apt-get': 'apt-get install -y redis-server',
  apk: 'apk add redis',
  dnf: 'dnf install -y valkey',
  brew: 'brew install redis'
}

/** The npm scripts that start their own Redis, even with REDIS_URL. */
const OWN_REDIS = new Set(['pretest', 'preprove'])

/** Whether a script needs Redis and there is neither an address nor a program. */
export function isRedisMissing (root, occasion) {
  const { REDIS_URL, REDIS_CLUSTER_NODES } = process.env
  const isGiven = Boolean(REDIS_URL || REDIS_CLUSTER_NODES) || fileNamesRedis(join(root, '.env'))
  return !(isGiven && !OWN_REDIS.has(occasion)) && !hasRedis()
}

/** Installs redis-server if that needs no password; otherwise says how to install it. */
export function installRedis () {
  if (!canAptInstall()) throw new SetupError(advice())
  say('no redis-server on the PATH; installing it with apt-get (to use another Redis, set REDIS_URL)')
  const failure = aptInstall(['redis-server'], ['redis-server'])
  if (failure !== undefined || !hasRedis())
    throw new SetupError(`apt-get could not install redis-server:\n${failure ?? ''}\n${advice()}`)
  say('redis-server is installed; its system service is not started')
}

function hasRedis () {
  return isOnPath('redis-server') || isOnPath('valkey-server')
}

function advice () {
  const manager = Object.keys(INSTALL_COMMANDS).find(isOnPath)
  const needsRoot = manager !== 'brew' && process.getuid?.() !== 0
  const command = manager && `${needsRoot ? 'sudo ' : ''}${INSTALL_COMMANDS[manager]}`
  return 'Spillway needs Redis, and there is neither redis-server nor valkey-server on the PATH. Either install ' +
    'one:\n' +
    `    ${command ?? 'redis-server or valkey-server, with the package manager of this system'}\n` +
    'or set REDIS_URL, in the environment or in .env, to a running Redis:\n' +
    '    REDIS_URL=redis://127.0.0.1:6379'
}

/** Whether the file gives REDIS_URL or REDIS_CLUSTER_NODES a value. */
function fileNamesRedis (envFile) {
  try {
    return /^\s*(?:export\s+)?REDIS_(?:URL|CLUSTER_NODES)\s*=\s*["']?[^\s"'#]/m.test(readFileSync(envFile, 'utf8'))
  } catch {
    return false
  }
}
