/*
 * A million events in one request: does memory stay bounded, does the depth cost anything, what does an event weigh in Redis?
 *
 * Starts an embedded Redis and an API without a worker in a folder of their own, posts the stream over loopback, and reads
 * the metrics while all of it waits. Prints what it found; judging it is left to the reader.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const EVENTS = 1_000_000
const EVENTS_PER_CHUNK = 500
const READS = 200
const ROOMY = { QUEUE_RECOVERY_THRESHOLD: '10000000', QUEUE_WARNING_THRESHOLD: '20000000', QUEUE_CRITICAL_THRESHOLD: '30000000', QUEUE_HARD_LIMIT: '40000000' }

/** As the npm commands, the image and the pm2 file start it; `--default-heap` shows what a plain `node server.ts` takes. */
const HEAP_FLAGS = process.argv.includes('--default-heap') ? [] : ['--max-semi-space-size=16']

const folder = await mkdtemp(join(tmpdir(), 'spillway-bench-'))
const server = spawn(process.execPath, [...HEAP_FLAGS, join(import.meta.dirname, '../server.ts')], {
  env: { PATH: process.env.PATH, PORT: '0', ROLE: 'api', DATA_DIR: folder, LOG_LEVEL: 'info', ...ROOMY }, stdio: ['ignore', 'pipe', 'inherit']
})
try {
  const url = await started()
  const emptyMs = await readTimes(`${url}/api/v1/metrics/queue`)
  const before = await metric(url, 'process_resident_memory_bytes')
  let most = before
  const watch = setInterval(async () => { most = Math.max(most, await metric(url, 'process_resident_memory_bytes').catch(() => 0)) }, 100)
  const report = await post(`${url}/api/v1/events/batch`)
  clearInterval(watch)
  const fullMs = await readTimes(`${url}/api/v1/metrics/queue`)
  print('events posted', EVENTS)
  print('events accepted', report.accepted)
  print('growth of the memory of the API, MiB', Math.round((most - before) / 2 ** 20))
  print('GET /metrics/queue on an empty queue, p50 / p99 ms', `${emptyMs.p50} / ${emptyMs.p99}`)
  print(`GET /metrics/queue at depth ${await metric(url, 'rule_engine_queue_total_pending')}, p50 / p99 ms`, `${fullMs.p50} / ${fullMs.p99}`)
} finally {
  server.kill('SIGTERM')
  await once(server, 'exit')
  await rm(folder, { recursive: true, force: true })
}

async function started (): Promise<string> {
  for await (const line of createInterface({ input: server.stdout })) {
    const entry = JSON.parse(line) as { event?: string, url: string }
    if (entry.event !== 'started') continue
    server.stdout.resume()
    return entry.url
  }
  throw new Error('the server did not start')
}

function* stream () {
  const note = 'x'.repeat(100)
  for (let first = 0; first < EVENTS; first += EVENTS_PER_CHUNK) {
    let chunk = ''
    for (let index = first; index < first + EVENTS_PER_CHUNK; index++) {
      chunk += `{"type":"telemetry-data","payload":{"deviceId":"device-${index % 1000}","values":{"temperature":21.5,"humidity":0.5},"note":"${note}"}}\n`
    }
    yield chunk
  }
}

async function post (url: string): Promise<{ accepted: number }> {
  const call = request(url, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } })
  const answered = once(call, 'response')
  await pipeline(Readable.from(stream()), call)
  const [answer] = await answered
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  return JSON.parse(text)
}

async function readTimes (url: string): Promise<{ p50: string, p99: string }> {
  const times: number[] = []
  for (let read = 0; read < READS; read++) {
    const startedAt = performance.now()
    await (await fetch(url)).arrayBuffer()
    times.push(performance.now() - startedAt)
  }
  times.sort((a, b) => a - b)
  const quantile = (share: number) => (times[Math.floor(READS * share)] as number).toFixed(1)
  return { p50: quantile(0.5), p99: quantile(0.99) }
}

async function metric (url: string, name: string): Promise<number> {
  const page = await (await fetch(`${url}/api/v1/metrics/prometheus`)).text()
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(page)?.[1])
}

function print (what: string, value: number | string): void {
  process.stdout.write(`${what.padEnd(64)} ${value}\n`)
}
