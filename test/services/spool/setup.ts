import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { newBatch, type Batch } from '../../../services/queue/batch.ts'
import type { SpoolEntry } from '../../../services/spool/spool-entry.ts'
import { Spool, type SpoolOptions } from '../../../services/spool/spool.ts'
import { capturedLog } from '../../captured-log.ts'

/** A moment like any other. */
export const NOON = 1_782_892_800_000

export function batchOf (count: number, priority = 1, payload: unknown = 'x', keys?: Batch['keys']): Batch {
  const batch = newBatch(
    priority,
    Array.from(
      { length: count },
      (_, index) => ({ id: `e${index}`, type: 'x', payload, priority, receivedAt: '2026-03-01T10:00:00.000Z' })
    )
  )
  return keys === undefined ? batch : { ...batch, keys }
}

/** An open spool, on a folder of its own unless one is given, with a clock that stands still until it is moved. */
export async function startSpool (t: Test, options: Partial<SpoolOptions> = {}) {
  const clock = { now: NOON, elapsed: 0 }
  const { log, lines } = capturedLog()
  const dir = options.dir ?? join(t.testdir(), 'spool')
  const spool = new Spool({
    maxBytes: 2 ** 28, now: () => clock.now, monotonic: () => clock.elapsed, log, ...options, dir
  })
  await spool.open()
  return { spool, clock, log, lines, dir }
}

/** The batch that leaves next. */
export function nextOf (spool: Spool): SpoolEntry | undefined {
  const [first] = spool.entries()
  return first
}

/** Reads and removes all there is, in order. */
export async function drained (spool: Spool): Promise<Batch[]> {
  const batches: Batch[] = []
  for (let entry = nextOf(spool); entry !== undefined; entry = nextOf(spool)) {
    const batch = await spool.read(entry)
    if (batch === undefined) continue
    batches.push(batch)
    await spool.remove(entry)
  }
  return batches
}

/** The names of the files in the folder, those that are set aside left out. */
export function filesIn (dir: string): string[] {
  return existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name).toSorted()
    : []
}

/**
 * Why no file system can be mounted here, false when one can: it takes root, and more than the root of most containers.
 */
export const cannotMount: string | false = canMount() ? false : 'needs the right to mount'

function canMount (): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'spillway-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'spillway-test', dir], { stdio: 'ignore' })
    execFileSync('umount', [dir])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(dir)
  }
}

/** Mounts a file system in memory with these options, until the test ends. */
export function mountMemory (t: Test, options: string): { dir: string, remount: (options: string) => void } {
  const dir = mkdtempSync(join(tmpdir(), 'spillway-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'spillway-test', dir])
  t.teardown(() => {
    execFileSync('umount', [dir])
    rmdirSync(dir)
  })
  return { dir, remount: (changed) => { execFileSync('mount', ['-o', `remount,${changed}`, dir]) } }
}
