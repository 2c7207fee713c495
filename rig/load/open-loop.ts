import { setTimeout as wait } from 'node:timers/promises'
import { Connection } from './connection.ts'
import { drained } from './drain.ts'
import type { LoadResult, OpenLoopJob } from './job.ts'
import { bytesOf } from './request.ts'
import { Window } from './window.ts'

/** The generator shares a core with Redis: it sleeps between ticks, and requests due within a tick wait for its end. */
const TICK_MS = 1
/** A request sent this much later than due counts as late: no connection was free, or the generator was too slow. */
const LATE_MS = 10
/**
 * Limit on connections without an answer. Beyond the backlog of a server the kernel drops them, and they retry after 1
 * or 3 s.
 */
const MOST_OPENING = 32

/**
 * Sends requests at a fixed rate. Latency counts from the time a request was due, even if it was sent later: a server
 * that stalls for a second is charged for every request that a real producer would have sent in that second.
 */
export async function runOpenLoop (job: OpenLoopJob): Promise<LoadResult> {
  const requests = job.requests.map(bytesOf)
  const free: Connection[] = []
  const opening = new Set<Connection>()
  const all: Connection[] = []
  const intervalMs = 1_000 / job.ratePerSecond
  const startedAt = performance.now()
  let due = 0
  let window: Window | undefined
  let windowFrom = Infinity
  let lastDueAt = startedAt + job.warmUpMs + job.measuredMs

  const give = (connection: Connection, status: number | undefined) => {
    if (window !== undefined && connection.since >= windowFrom) {
      if (status !== undefined) window.count(status, performance.now() - connection.since)
      else fail(connection.since)
    }
    opening.delete(connection)
    free.push(connection)
    pump()
  }
  const fail = (since: number) => {
    if (window === undefined) return
    window.failed++
    window.latency.record(performance.now() - since)
  }
  const take = () => {
    const connection = free.pop()
    if (connection !== undefined || all.length >= job.mostConnections || opening.size >= MOST_OPENING) return connection
    const made = new Connection({
      port: job.port,
      onAnswer: (from, { status }) => give(from, status),
      onLost: (from) => {
        setImmediate(give, from, undefined)
      }
    })
    all.push(made)
    opening.add(made)
    return made
  }
  const pump = () => {
    const now = performance.now()
    for (
      let dueAt = startedAt + due * intervalMs;
      dueAt <= now && dueAt < lastDueAt;
      dueAt = startedAt + ++due * intervalMs
    ) {
      const connection = take()
      if (connection === undefined) return
      if (window !== undefined && dueAt >= windowFrom && now - dueAt > LATE_MS) window.late++
      connection.send(requests[due % requests.length] as Buffer, dueAt)
    }
  }

  const timer = setInterval(pump, TICK_MS)
  await wait(job.warmUpMs)
  window = new Window(job.watch)
  windowFrom = performance.now()
  lastDueAt = windowFrom + job.measuredMs
  await wait(job.measuredMs)
  const deadline = performance.now() + job.patienceMs
  const isOwed = () => all.some(({ isBusy }) => isBusy) || startedAt + due * intervalMs < lastDueAt
  while (isOwed() && performance.now() < deadline) await wait(TICK_MS)
  clearInterval(timer)
  // A request without an answer counts with the time that it has waited so far.
  for (const { isBusy, since } of all) if (isBusy && since >= windowFrom) fail(since)
  for (let dueAt = startedAt + due * intervalMs; dueAt < lastDueAt; dueAt = startedAt + ++due * intervalMs)
    if (dueAt >= windowFrom) fail(dueAt)
  if (job.drain !== undefined) await drained(job.drain)
  const result = window.close(job.eventsPerRequest)
  for (const connection of all) connection.close()
  return result
}
