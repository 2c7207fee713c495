import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { BUSY_MACHINE } from '../rig/busy-machine.ts'

const SERVER = join(import.meta.dirname, '../server.ts')

export interface ServerEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs server.ts until it ends on its own.
 *
 * @param flags of Node.js
 * @param onStarted called with the id of the process
 */
export async function runServer (
  env: Record<string, string>, flags: readonly string[] = [], onStarted: (pid: number) => void = () => {}
): Promise<ServerEnd> {
  const { PATH = '', HOME, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, [...flags, SERVER], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, SPOOL_CLASSES: 'none', ...BUSY_MACHINE, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  if (child.pid !== undefined) onStarted(child.pid)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => { output.stdout += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { output.stderr += chunk.toString() })
  const [code] = await once(child, 'close') as [number]
  return { code, ...output }
}

/** The last line of the log. */
export function lastLine ({ stdout }: ServerEnd): { readonly msg: string, readonly err: Record<string, unknown> } {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}
