import { join } from 'node:path'
import { ask } from '../process/ask.ts'
import type { LoadJob, LoadResult } from './job.ts'

const GENERATOR = join(import.meta.dirname, 'generator.ts')

/**
 * Runs a load in a separate process and returns its results.
 *
 * @param core of the machine that it runs on; undefined leaves that to the kernel
 */
export async function runLoad (job: LoadJob, core: number | undefined): Promise<LoadResult> {
  const { result, failure } = await ask<{ result?: LoadResult, failure?: string }>(GENERATOR, job, core)
  if (result === undefined) throw new Error(`the load generator failed: ${failure}`)
  return result
}
