import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isOnPath, outputOf, outsideEnvironment, run, say, SetupError } from './command.mjs'

/** Older ones do not run TypeScript. */
const MINIMUM_NODE = [22, 19]

/**
 * Says what is wrong with node_modules, or undefined when it has every package of package-lock.json in its version.
 * npm writes the list that is compared with as the last step of an installation.
 */
export function packageMismatch (root, occasion) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (installed === undefined) return 'there are no packages yet'
  const mayLackTools = occasion === 'prestart' || occasion === 'preworker'
  for (const [path, { version, optional, dev, devOptional }] of Object.entries(readPackages(join(root, 'package-lock.json')) ?? {})) {
    if (path === '') continue
    const mayBeMissing = optional || ((dev || devOptional) && mayLackTools)
    if (installed[path] === undefined ? !mayBeMissing : installed[path].version !== version) {
      return `${path} is ${installed[path]?.version ?? 'missing'}, package-lock.json says ${version}`
    }
  }
}

/** Installs exactly what package-lock.json lists, tools included: Node.js itself is among them. */
export function installPackages (root, reason) {
  say(`running npm ci: ${reason}`)
  if (!isOnPath('npm')) throw new SetupError('npm is not on the PATH; install Node.js 24 from https://nodejs.org, it comes with npm')
  const clean = npm(root, 'ci')
  if (clean.status === 0) return
  // A lock file that was written where a registry lacks the packages of other platforms is incomplete to npm ci alone.
  say('npm ci failed, trying npm install')
  const { status, stdout, stderr } = npm(root, 'install', '--no-save')
  if (status !== 0) throw new SetupError(`npm ci and npm install failed:\n${beginning(clean.stderr)}\n${beginning(stdout + stderr)}`)
}

/** npm says what is wrong first, and then how to use npm. */
function beginning (text) {
  return text.trim().split('\n').slice(0, 8).join('\n')
}

function npm (root, ...args) {
  // The Node.js that npm runs on here may be older than the packages want: the one that they bring is not.
  const options = ['--include=dev', '--engine-strict=false', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  return spawnSync('npm', [...args, ...options], { cwd: root, env: outsideEnvironment(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Whether what `node` means in an npm script is too old or does not run. */
export function isNodeMissing (root) {
  const bundled = bundledNodePath(root)
  return existsSync(bundled) ? !isNewEnough(bundledVersion(bundled)) : !isNewEnough(outsideVersion(root))
}

/** Gets a Node.js by the package `node`: it may not be installed, or npm may have left out its install script. */
export function bringNode (root) {
  say(`Node.js ${MINIMUM_NODE.join('.')} or newer is needed: installing the one that package.json names`)
  if (!existsSync(join(root, 'node_modules', 'node'))) installPackages(root, 'the package node is not installed')
  for (const attempt of [rebuildNode, unpackNode]) {
    if (!isNodeMissing(root)) return
    attempt(root)
  }
  if (!isNodeMissing(root)) return
  const version = outsideVersion(root)
  if (!isNewEnough(version)) {
    throw new SetupError(`Spillway needs Node.js ${MINIMUM_NODE.join('.')} or newer, and here is ${version ?? 'none'}: install Node.js 24 from https://nodejs.org`)
  }
  // It would come first on the PATH of every npm script. On musl for instance it cannot run.
  rmSync(bundledNodePath(root), { force: true })
  say(`the packaged Node.js does not run here; using ${version}`)
}

function rebuildNode (root) {
  npm(root, 'rebuild', 'node')
}

/** Does the work of the install script, for an npm that runs none. */
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

/** Returns the version of the Node.js that is used where the project brings none. */
function outsideVersion (root) {
  return process.execPath.startsWith(join(root, 'node_modules')) ? versionOf('node', { env: outsideEnvironment() }) : process.versions.node
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
