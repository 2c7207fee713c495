/* A Spillway process for a measurement, with its own folder, its own embedded Redis and a free port. */
import { once } from 'node:events'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { withOwner } from '../rig/owner.ts'
import { startServer } from '../rig/spawned-server.ts'

/**
 * `--default-heap` measures a plain `node server.ts`: 0 undoes the setting of the npm commands, the image and the pm2
 * file.
 */
const HEAP_FLAGS = process.argv.includes('--default-heap') ? ['--max-semi-space-size=0'] : []

/** Thresholds that no measurement reaches. */
export const ROOMY = {
  QUEUE_RECOVERY_THRESHOLD: '10000000',
  QUEUE_WARNING_THRESHOLD: '20000000',
  QUEUE_CRITICAL_THRESHOLD: '30000000',
  QUEUE_HARD_LIMIT: '40000000'
}

/** Runs `measure` against a service with these environment keys, and removes the service and its files. */
export async function withService (
  keys: Record<string, string>,
  measure: (url: string, pid: number) => Promise<void>
): Promise<void> {
  await withOwner(async (owner) => {
    const { url, pid } = await startServer(owner, { LOG_LEVEL: 'info', ...keys }, {
      flags: HEAP_FLAGS,
      isMeasured: true
    })
    await measure(url, pid)
  })
}

/** The counts in the answer to a stream of events. */
export interface StreamReport {
  accepted: number
  duplicate: number
}

/** Posts events as one stream. */
export async function postStream (url: string, chunks: Iterable<string>): Promise<StreamReport> {
  const call = request(`${url}/api/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' }
  })
  const answered = once(call, 'response')
  await pipeline(Readable.from(chunks), call)
  const [answer] = await answered
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  return JSON.parse(text)
}

/** Returns the value of a series of the Prometheus page. */
export async function metric (url: string, series: string): Promise<number> {
  const page = await (await fetch(`${url}/api/v1/metrics/prometheus`)).text()
  return Number(page.split('\n').find((line) => line.startsWith(`${series} `))?.slice(series.length + 1))
}

/** Prints a line of the result. */
export function print (what: string, value: number | string): void {
  process.stdout.write(`${what.padEnd(64)} ${value}\n`)
}
