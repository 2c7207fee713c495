import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isOnPath, outputOf, outsideEnvironment, run, say, SetupError } from './command.mjs'

/** Older versions do not run TypeScript. */
const MINIMUM_NODE = [22, 19]

/**
 * Returns what is wrong with node_modules; undefined if it has every package of package-lock.json in its version. npm
 * writes the list that this compares as the last step of an installation.
 */
export function packageMismatch (root, occasion) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (installed === undefined) return 'no packages are installed'
  const mayLackTools = occasion === 'prestart' || occasion === 'preworker'
  for (
    const [path, { version, optional, dev, devOptional }] of Object
      .entries(readPackages(join(root, 'package-lock.json')) ?? {})
  ) {
    if (path === '') continue
    const mayBeMissing = optional || ((dev || devOptional) && mayLackTools)
    if (installed[path] === undefined ? !mayBeMissing : installed[path].version !== version) {
      return `${path} is ${installed[path]?.version ?? 'missing'}, package-lock.json says ${version}`
    }
  }
}

/** Installs exactly what package-lock.json lists, including tools and Node.js itself. */
export function installPackages (root, reason) {
  say(`running npm ci: ${reason}`)
  if (!isOnPath('npm'))
    throw new SetupError('npm is not on the PATH; install Node.js 24 from https://nodejs.org, it comes with npm')
  const clean = npm(root, 'ci')
  if (clean.status === 0) return
  // npm ci alone rejects a lock file from a registry without the packages of other platforms.
  say('npm ci failed; trying npm install')
  const { status, stdout, stderr } = npm(root, 'install', '--no-save')
  if (status !== 0)
    throw new SetupError(`npm ci and npm install failed:\n${beginning(clean.stderr)}\n${beginning(stdout + stderr)}`)
}

/** Returns the beginning of an error of npm, which names the cause before the usage. */
function beginning (text) {
  return text.trim().split('\n').slice(0, 8).join('\n')
}

function npm (root, ...args) {
  // The Node.js that runs npm may be too old for the packages; the one that they bring is not.
  const options = [
    '--include=dev',
    '--engine-strict=false',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--loglevel=error'
  ]
  return spawnSync('npm', [...args, ...options], {
    cwd: root,
    env: outsideEnvironment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  })
}

/** Whether the `node` of npm scripts is too old or does not run. */
export function isNodeMissing (root) {
  const bundled = bundledNodePath(root)
  return existsSync(bundled) ? !isNewEnough(bundledVersion(bundled)) : !isNewEnough(outsideVersion(root))
}

/** Provides Node.js from the package `node`, which may be missing, or whose install script npm may have skipped. */
export function bringNode (root) {
  say(`Node.js ${MINIMUM_NODE.join('.')} or newer is needed; installing the version of package.json`)
  if (!existsSync(join(root, 'node_modules', 'node'))) installPackages(root, 'the package node is not installed')
  for (const attempt of [rebuildNode, unpackNode]) {
    if (!isNodeMissing(root)) return
    attempt(root)
  }
  if (!isNodeMissing(root)) return
  const version = outsideVersion(root)
  if (!isNewEnough(version)) {
    throw new SetupError(`Spillway needs Node.js ${MINIMUM_NODE.join('.')} or newer, but this system has ${
      version ?? 'none'
    }; install Node.js 24 from https://nodejs.org`)
  }
  // It would be first on the PATH of every npm script, and it does not run on musl, for example.
  rmSync(bundledNodePath(root), { force: true })
  say(`the packaged Node.js does not run here; using ${version}`)
}

function rebuildNode (root) {
  npm(root, 'rebuild', 'node')
}

/** Does the work of the install script, for an npm that skips it. */
function unpackNode (root) {
  const folder = join(root, 'node_modules', 'node')
  run('node', ['installArchSpecificPackage.js'], { cwd: folder, env: outsideEnvironment() })
  if (!existsSync(join(folder, 'bin', 'node'))) return
  rmSync(bundledNodePath(root), { force: true })
  symlinkSync(join('..', 'node', 'bin', 'node'), bundledNodePath(root))
}

function bundledNodePath (root) {
  return join(root, 'node_modules', '.bin', 'node')
}

function bundledVersion (bundled) {
  return realpathSync(bundled) === realpathSync(process.execPath) ? process.versions.node : versionOf(bundled)
}

/** Returns the version of the Node.js on the PATH outside of the project. */
function outsideVersion (root) {
  return process.execPath.startsWith(join(root, 'node_modules'))
    ? versionOf('node', { env: outsideEnvironment() })
    : process.versions.node
}

function versionOf (program, options) {
  return outputOf(program, ['--version'], options)?.replace(/^v/, '')
}

function isNewEnough (version) {
  const [major, minor] = (version ?? '0.0').split('.').map(Number)
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])
}

function readPackages (path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}
