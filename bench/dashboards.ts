/*
 * Measures the cost of dashboards to an idle service on loopback: its CPU time without viewers and with fifty, in turn,
 * and the time to make the text of a full hour, which all viewers that load at once share. `--seconds=10` for each
 * period, `--viewers=50`.
 */
import { once } from 'node:events'
import { get, type ClientRequest, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { DashboardFeed } from '../services/history/dashboard-feed.ts'
import { COLUMNS, MOST_POINTS, SeriesRing, type SignalPoint } from '../services/history/series.ts'
import { SignalHistory } from '../services/history/signal-history.ts'
import type { State } from '../services/history/state.ts'
import { Viewers } from '../services/history/viewers.ts'
import { readOptions } from '../rig/options.ts'
import { median } from './median.ts'
import { cpuMicrosOf } from '../rig/process/usage.ts'
import { metric, print, withService } from './service.ts'

const ROUNDS = 3
const MICROS_PER_SECOND = 1_000_000
const REASONS = [
  'bodies-in-flight',
  'circuit-open',
  'low-priority-shed',
  'process-overloaded',
  'queue-full',
  'queue-unavailable',
  'spool-unavailable'
]

const some = (most: number) => Math.round(Math.random() * most * 10) / 10

const FLAGS = { seconds: { type: 'string', default: '10' }, viewers: { type: 'string', default: '50' } } as const
const { seconds, viewers } = readOptions(FLAGS, (reader) => ({
  seconds: reader.number('seconds', reader.values.seconds, { low: 1, high: 600 }),
  viewers: reader.number('viewers', reader.values.viewers, { low: 1, high: 1_000, isWhole: true })
}))

measureHour()
await withService({ ROLE: 'api' }, async (url, pid) => {
  const shares: Record<'without' | 'with', number[]> = { without: [], with: [] }
  for (let round = 0; round < ROUNDS; round++) {
    shares.without.push(await cpuShare(pid))
    const calls = await Promise.all(Array.from({ length: viewers }, () => follow(url)))
    if (await metric(url, 'spillway_dashboards') !== viewers) throw new Error('not all viewers are there')
    shares.with.push(await cpuShare(pid))
    for (const call of calls) call.destroy()
  }
  print('CPU without viewers, % of a core', median(shares.without).toFixed(2))
  print(`CPU with ${viewers} viewers, % of a core`, median(shares.with).toFixed(2))
  print('difference, % of a core', (median(shares.with) - median(shares.without)).toFixed(2))
})

/** Returns the share of a core that a process uses during some seconds, percent. */
async function cpuShare (pid: number): Promise<number> {
  const [startedAt, before] = [performance.now(), cpuMicrosOf(pid)]
  await wait(seconds * 1000)
  return (cpuMicrosOf(pid) - before) / ((performance.now() - startedAt) / 1000 * MICROS_PER_SECOND) * 100
}

async function follow (url: string): Promise<ClientRequest> {
  const call = get(`${url}/api/v1/dashboard/stream`, { agent: false })
  call.on('error', () => {})
  const [response] = await once(call, 'response') as [IncomingMessage]
  response.on('error', () => {}).resume()
  return call
}

function measureHour (): void {
  const history = new SignalHistory(new SeriesRing(REASONS))
  const now = Math.floor(Date.now() / 1000)
  for (let second = now - MOST_POINTS; second < now; second++) history.end(pointOf(second))
  const feed = new DashboardFeed({ history, viewers: new Viewers(), state: () => ({}) as State })
  let bytes = 0
  const sink = {
    write: (chunk: Buffer) => {
      bytes = chunk.length
    },
    end: () => {},
    destroy: () => {},
    writableLength: 0
  }
  const millis = Array.from({ length: 11 }, (_, round) => {
    feed.end(pointOf(now + round))
    const startedAt = performance.now()
    for (let viewer = 0; viewer < viewers; viewer++) feed.open(sink, '127.0.0.1', undefined)
    return performance.now() - startedAt
  })
  print('text of an hour, KiB', Math.round(bytes / 1024))
  print(`the same for ${viewers} viewers at once, ms`, median(millis).toFixed(1))
}

/** Numbers with as many digits as those of a busy service. */
function pointOf (second: number): SignalPoint {
  return {
    time: second,
    depth: { critical: Math.round(some(100)), normal: Math.round(some(50_000)), low: Math.round(some(50_000)) },
    ...Object.fromEntries(COLUMNS.map((name) => [name, some(10_000)])) as Record<typeof COLUMNS[number], number>,
    shed: Object.fromEntries(REASONS.map((reason) => [reason, Math.round(some(1_000))]))
  }
}
