import { execFile } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { promisify } from 'node:util'
import { redisBinary } from '../rig/redis.ts'
import type { Machine } from './result.ts'

/** Describes the machine and the programs that the figures of a run depend on. */
export async function describeMachine (): Promise<Machine> {
  const { stdout } = await promisify(execFile)(redisBinary(), ['--version'])
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.versions.node,
    redis: /v=(\S+)/.exec(stdout)?.[1] ?? stdout.trim()
  }
}
