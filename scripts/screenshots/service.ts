import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const SERVER = join(import.meta.dirname, '../../server.ts')

export interface Service {
  url: string
  stop: () => Promise<void>
}

/** Starts server.ts in a process of its own and waits until it listens. */
export async function startService (env: Record<string, string>): Promise<Service> {
  const child = spawn(process.execPath, [SERVER], { env: { PATH: process.env.PATH, PORT: '0', WORKER_PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await addressOf(child)
  return {
    url,
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
  }
}

async function addressOf (child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`server.ts ended with ${code}`)))
    lines.on('line', (line) => {
      const entry = JSON.parse(line) as { event?: string, url?: string }
      if (entry.event === 'started' && entry.url !== undefined) resolve(entry.url)
    })
  })
}
