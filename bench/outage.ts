/*
 * Redis is gone for a minute while events come in: are critical ones taken all the time, are the others told quickly, and is
 * every event that was answered 202 delivered in the end? Starts a Redis, a service with API and worker and a consumer of its
 * own on loopback, and prints what it counted. `--stop` hangs Redis (SIGSTOP) instead of ending it; `--seconds=10` is shorter.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { metric, print, withService } from './service.ts'
import { SteadyLoad } from './steady-load.ts'

const WARM_UP_MS = 3_000
const PATIENCE_MS = 120_000

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, stop: { type: 'boolean', default: false } } })
const folder = await mkdtemp(join(tmpdir(), 'spillway-outage-'))
const socket = join(folder, 'redis.sock')
let redis = startRedis()
const delivered = new Set<number>()
const consumer = createServer(async (incoming, outgoing) => {
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk
  for (const { data } of JSON.parse(text) as { data: number }[]) delivered.add(data)
  outgoing.end()
}).listen(0, '127.0.0.1')
await once(consumer, 'listening')

try {
  const keys = { ROLE: 'all', REDIS_URL: `unix://${socket}`, DELIVERY_URL: `http://127.0.0.1:${(consumer.address() as AddressInfo).port}/` }
  await withService(keys, async (url) => {
    const load = new SteadyLoad(url)
    await wait(WARM_UP_MS)
    load.mark('outage')
    if (values.stop) redis.kill('SIGSTOP')
    else redis.kill('SIGKILL')
    await wait(Number(values.seconds) * 1_000)
    load.mark('after')
    if (values.stop) redis.kill('SIGCONT')
    else redis = startRedis()
    await wait(WARM_UP_MS)
    await load.stop()
    await report(url, load)
  })
} finally {
  consumer.close()
  redis.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
}

function startRedis (): ChildProcess {
  return spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'], { stdio: 'ignore' })
}

async function report (url: string, { phases }: SteadyLoad): Promise<void> {
  const during = phases.get('outage') ?? []
  const critical = during.filter(({ priority }) => priority === 1)
  const others = during.filter(({ priority }) => priority > 1)
  const times = others.map(({ ms }) => ms).toSorted((a, b) => a - b)
  print('critical events posted during the outage', critical.length)
  print('of these answered 202', critical.filter(({ status }) => status === 202).length)
  print('of these spooled', critical.filter(({ durability }) => durability === 'spooled').length)
  print('others posted during the outage', others.length)
  print('of these 503 queue-unavailable', others.filter(({ status, reason }) => status === 503 && reason === 'queue-unavailable').length)
  print('their answer, p50 / p99 / longest ms', [0.5, 0.99, 1].map((share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]?.toFixed(1)).join(' / '))
  print('of these answered later than 50 ms', times.filter((ms) => ms > 50).length)
  const owed = [...phases.values()].flat().filter(({ status }) => status === 202)
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline && owed.some(({ seq }) => !delivered.has(seq))) await wait(200)
  print('answered 202 in all', owed.length)
  print('of these never delivered', owed.filter(({ seq }) => !delivered.has(seq)).length)
  await wait(1_000)
  for (const side of ['door', 'queue']) print(`imbalance of the ledger, ${side}`, await metric(url, `spillway_ledger_imbalance{side="${side}"}`))
}
