import { setTimeout as wait } from 'node:timers/promises'
import { Connection } from './connection.ts'
import { drained } from './drain.ts'
import type { ClosedLoopJob, LoadResult } from './job.ts'
import { bytesOf } from './request.ts'
import { Window } from './window.ts'

/** Deadline for the last answers. */
const PATIENCE_MS = 10_000
const POLL_MS = 1
/**
 * Limit on connections without an answer. Beyond the backlog of a server the kernel drops them, and they retry after 1
 * or 3 s.
 */
const MOST_OPENING = 64

/** Runs connections that each post the next request after an answer. */
export async function runClosedLoop (job: ClosedLoopJob): Promise<LoadResult> {
  const requests = job.requests.map(bytesOf)
  const opening = new Set<Connection>()
  let next = 0
  let isPosting = true
  let window: Window | undefined
  const post = (connection: Connection) => {
    next = next + 1 === requests.length ? 0 : next + 1
    connection.send(requests[next] as Buffer, performance.now())
  }
  const connections = Array.from({ length: job.connections }, () => new Connection({
    port: job.port,
    onAnswer: (connection, { status }) => {
      window?.count(status, performance.now() - connection.since)
      opening.delete(connection)
      if (isPosting) post(connection)
    },
    onLost: (connection) => {
      if (window !== undefined) window.failed++
      opening.delete(connection)
      if (isPosting) setImmediate(post, connection)
    }
  }))
  const answered = async () => {
    const deadline = performance.now() + PATIENCE_MS
    while (connections.some(({ isBusy }) => isBusy) && performance.now() < deadline) await wait(POLL_MS)
  }

  for (const connection of connections) {
    while (opening.size >= MOST_OPENING) await wait(POLL_MS)
    opening.add(connection)
    post(connection)
  }
  await wait(job.warmUpMs)
  if (job.drain !== undefined) {
    isPosting = false
    await answered()
    await drained(job.drain)
    isPosting = true
  }
  window = new Window(job.watch)
  if (job.drain !== undefined) connections.forEach(post)
  await wait(job.measuredMs)
  isPosting = false
  if (job.drain !== undefined) {
    await answered()
    await drained(job.drain)
  }
  const result = window.close(job.eventsPerRequest)
  await answered()
  for (const connection of connections) connection.close()
  return result
}
