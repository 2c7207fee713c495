import { once } from 'node:events'
import { join } from 'node:path'
import { startFork } from '../process/child.ts'
import type { LoadJob, LoadResult } from './job.ts'

const GENERATOR = join(import.meta.dirname, 'generator.ts')

/**
 * Runs a load in a process of its own and answers what it measured.
 *
 * @param core of the machine that it runs on; undefined leaves that to the kernel
 */
export async function runLoad (job: LoadJob, core: number | undefined): Promise<LoadResult> {
  const generator = startFork(GENERATOR, core)
  try {
    const ended = once(generator.child, 'exit').then(() => ({ failure: 'it ended before it had a result' }))
    generator.child.send(job)
    const outcome = await Promise.race([once(generator.child, 'message').then(([message]) => message as { result?: LoadResult, failure?: string }), ended])
    if ('result' in outcome && outcome.result !== undefined) return outcome.result
    throw new Error(`the load generator failed: ${outcome.failure}`)
  } finally {
    await generator.stop()
  }
}
