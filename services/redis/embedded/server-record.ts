import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readPrivateFile, replacePrivateFile } from './private-file.ts'
import { identifyProcess } from './process-identity.ts'
import { isShortage } from './shortage.ts'

/** The server that was last started on a data directory. It may outlive the process that started it. */
export interface ServerRecord {
  readonly pid: number
  readonly identity: string
}

/** Written in the same turn as the spawn: a server that is starting is not on its socket yet, and must not get a twin. */
export function writeServerRecord (dataDir: string, pid: number): void {
  replacePrivateFile(recordPath(dataDir), JSON.stringify({ pid, identity: identifyProcess(pid) }))
}

/** The record of a server whose process still runs, or undefined. */
export function readLiveServerRecord (dataDir: string): ServerRecord | undefined {
  let record: Partial<ServerRecord> | null
  try {
    record = JSON.parse(readPrivateFile(recordPath(dataDir)))
  } catch (error) {
    if (isShortage(error)) throw error
    return undefined
  }
  const { pid, identity } = record ?? {}
  return Number.isInteger(pid) && identity !== undefined && isRunning({ pid: pid!, identity }) ? { pid: pid!, identity } : undefined
}

export function removeServerRecord (dataDir: string): void {
  rmSync(recordPath(dataDir), { force: true })
}

/** Whether that very process runs, and not another that has its pid now. */
export function isRunning ({ pid, identity }: ServerRecord): boolean {
  return identifyProcess(pid) === identity
}

function recordPath (dataDir: string): string {
  return join(dataDir, 'redis-server.json')
}
