import { once } from 'node:events'
import { Connection } from './connection.ts'
import { drained } from './drain.ts'
import type { LoadResult, StreamJob } from './job.ts'
import { headOf } from './request.ts'
import type { Answer } from './response-reader.ts'
import { Window } from './window.ts'

const LINES_PER_CHUNK = 200
/** Blocks that take turns, so that no two consecutive writes have the same bytes. */
const CHUNK_VARIANTS = 4

/** Posts one request with a line per event, no faster than the server reads it. */
export async function runStream (job: StreamJob): Promise<LoadResult> {
  const chunks = Array.from(
    { length: CHUNK_VARIANTS },
    (_, variant) => chunkOf(job.lines, variant * LINES_PER_CHUNK, LINES_PER_CHUNK)
  )
  if (job.warmUpEvents > 0) await post(job, job.warmUpEvents, chunks)
  if (job.drain !== undefined) await drained(job.drain)
  const window = new Window(job.watch)
  const { accepted, shed, refused } = await post(job, job.events, chunks)
  if (job.drain !== undefined) await drained(job.drain)
  window.accepted = accepted
  window.shed = shed
  window.other = refused
  window.failed = job.events - accepted - shed - refused
  return window.close(1)
}

async function post (
  job: StreamJob,
  events: number,
  chunks: readonly Buffer[]
): Promise<{ accepted: number, shed: number, refused: number }> {
  const answered = Promise.withResolvers<Answer>()
  const connection = new Connection({
    port: job.port,
    keepsBody: true,
    onAnswer: (_, answer) => answered.resolve(answer),
    onLost: () => answered.reject(new Error('the stream was broken off'))
  })
  try {
    const socket = connection.socket()
    connection.send(
      Buffer.from(headOf('POST', job.path, { ...job.headers, 'transfer-encoding': 'chunked' })),
      performance.now()
    )
    const over = answered.promise
    over.catch(() => {})
    // An answer before the end of the stream ends it.
    for (let sent = 0, turn = 0; sent < events && connection.isBusy; sent += LINES_PER_CHUNK, turn++) {
      const chunk = events - sent < LINES_PER_CHUNK
        ? chunkOf(job.lines, 0, events - sent)
        : chunks[turn % chunks.length] as Buffer
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), over])
    }
    if (connection.isBusy) socket.write('0\r\n\r\n')
    const { status, body } = await over
    const report = JSON.parse(body) as { accepted?: number, shed?: number, invalid?: number, detail?: string }
    if (report.accepted === undefined) throw new Error(`the stream was answered ${status}: ${report.detail ?? body}`)
    return { accepted: report.accepted, shed: report.shed ?? 0, refused: report.invalid ?? 0 }
  } finally {
    connection.close()
  }
}

/** Encodes lines as one chunk of the transfer encoding. */
function chunkOf (lines: readonly string[], first: number, count: number): Buffer {
  const data = Array.from({ length: count }, (_, index) => `${lines[(first + index) % lines.length]}\n`).join('')
  return Buffer.from(`${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`)
}
