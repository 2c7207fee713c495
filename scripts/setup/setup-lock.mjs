import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from './command.mjs'

const POLL_INTERVAL_MS = 200
/** A setup takes minutes at most; an older lock is stale. */
const PATIENCE_MS = 600_000

/** Lets one setup at a time work on a checkout: `npm start` and `npm run worker` may overlap, but npm ci must not. */
export function withSetupLock (root, work) {
  const lock = join(tmpdir(), `spillway-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`)
  // Any user may create a file in the folder of temporary files.
  const stats = lstatSync(lock, { throwIfNoEntry: false })
  if (stats !== undefined && (!stats.isFile() || stats.uid !== process.getuid?.())) {
    throw new SetupError(`${lock} is not a file of this user; remove it, or set TMPDIR to a folder of your own`)
  }
  for (const deadline = Date.now() + PATIENCE_MS; !take(lock);) {
    if (!isRunning(lock) || Date.now() > deadline) rmSync(lock, { force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_INTERVAL_MS)
  }
  process.once('exit', () => { rmSync(lock, { force: true }) })
  work()
}

function take (lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  }
}

/** Whether the process that holds the lock is alive. */
function isRunning (lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
