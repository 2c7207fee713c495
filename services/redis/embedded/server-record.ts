import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess } from './process-identity.ts'

/** The server that was last started on a data directory. It may outlive the process that started it. */
export interface ServerRecord {
  readonly pid: number
  readonly identity: string
}

/** Written in the same turn as the spawn: a server that is starting is not on its socket yet, and must not get a twin. */
export function writeServerRecord (dataDir: string, pid: number): void {
  const path = recordPath(dataDir)
  const next = `${path}.new`
  // Renaming leaves no half of a record if this process is killed in between. The file is created anew: a link that
  // somebody put in its place would have the record written to wherever it leads.
  rmSync(next, { force: true })
  writeFileSync(next, JSON.stringify({ pid, identity: identifyProcess(pid) }), { mode: 0o600, flag: 'wx' })
  renameSync(next, path)
}

/** The record of a server whose process still runs, or undefined. */
export function readLiveServerRecord (dataDir: string): ServerRecord | undefined {
  let record: Partial<ServerRecord> | null
  try {
    record = JSON.parse(readFileSync(recordPath(dataDir), 'utf8'))
  } catch {
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
