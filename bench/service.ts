/* A Spillway process for a measurement: its own folder, its own embedded Redis, a free port. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** As the npm commands, the image and the pm2 file start it; `--default-heap` shows what a plain `node server.ts` takes. */
const HEAP_FLAGS = process.argv.includes('--default-heap') ? [] : ['--max-semi-space-size=16']

/** Thresholds that nothing here reaches. */
export const ROOMY = { QUEUE_RECOVERY_THRESHOLD: '10000000', QUEUE_WARNING_THRESHOLD: '20000000', QUEUE_CRITICAL_THRESHOLD: '30000000', QUEUE_HARD_LIMIT: '40000000' }

/** Runs `measure` against a service of these environment keys, and removes all traces of it. */
export async function withService (keys: Record<string, string>, measure: (url: string, pid: number) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-bench-'))
  const server = spawn(process.execPath, [...HEAP_FLAGS, join(import.meta.dirname, '../server.ts')], {
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'info', ...keys }, stdio: ['ignore', 'pipe', 'inherit']
  })
  try {
    await measure(await started(server.stdout), server.pid as number)
  } finally {
    // One that has ended says so no second time.
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  }
}

/** What a stream of events was answered. */
export interface StreamReport {
  accepted: number
  duplicate: number
}

/** Posts events as one stream. */
export async function postStream (url: string, chunks: Iterable<string>): Promise<StreamReport> {
  const call = request(`${url}/api/v1/events/batch`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } })
  const answered = once(call, 'response')
  await pipeline(Readable.from(chunks), call)
  const [answer] = await answered
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  return JSON.parse(text)
}

/** The value of a series of the Prometheus page. */
export async function metric (url: string, series: string): Promise<number> {
  const page = await (await fetch(`${url}/api/v1/metrics/prometheus`)).text()
  return Number(page.split('\n').find((line) => line.startsWith(`${series} `))?.slice(series.length + 1))
}

/** A line of the result. */
export function print (what: string, value: number | string): void {
  process.stdout.write(`${what.padEnd(64)} ${value}\n`)
}

async function started (stdout: Readable): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const entry = JSON.parse(line) as { event?: string, url: string }
    if (entry.event !== 'started') continue
    stdout.resume()
    return entry.url
  }
  throw new Error('the server did not start')
}
