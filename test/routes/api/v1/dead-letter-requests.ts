import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { storeDeadLetters, deadLetterOf } from '../../../services/dead-letters/setup.ts'
import { assertProblem } from './setup.ts'

/** The path of dead letters. */
export const DEAD_LETTERS = '/api/v1/dead-letters'

/** An id that no dead letter has. */
export const NO_ID = `d-${'0'.repeat(32)}`

/** An id that no replay has. */
export const NO_REPLAY = '00000000-0000-4000-8000-000000000000'

/** Begins a replay. */
export const replay = (app: FastifyInstance, payload: unknown) =>
  app.inject({ method: 'POST', url: `${DEAD_LETTERS}/replay`, payload: payload as object })

/** Asserts that a query is refused for these fields, or a body. */
export function assertFields (
  t: Test, answer: Awaited<ReturnType<typeof replay>>, fields: readonly string[], of: 'query' | 'body' = 'query'
): void {
  assertProblem(t, answer, 400, `invalid-${of}`, fields.join())
  t.strictSame(answer.json().errors.map(({ field }: { field: string }) => field), fields)
}

/** Stores dead letters of two types. */
export async function fill (app: FastifyInstance, count: number) {
  await storeDeadLetters(
    app.deadLetters,
    'batch',
    Array.from(
      { length: count },
      (_, index) => deadLetterOf(`e${index}`, { type: index % 2 === 0 ? 'even' : 'odd', organizationId: 'o' })
    )
  )
}

/** Opens a stream of events; answers them as they come. */
export async function watch (t: Test, app: FastifyInstance, path: string) {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const call = request({ host: '127.0.0.1', port, path, agent: false, headers: { accept: 'text/event-stream' } }).end()
  call.on('error', () => {})
  t.teardown(() => { call.destroy() })
  const [answer] = await once(call, 'response') as [IncomingMessage]
  let text = ''
  let isOver = false
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  }).on('end', () => {
    isOver = true
  }).on('error', () => {})
  return {
    answer,
    hangUp: () => { call.destroy() },
    isOver: () => isOver,
    events: () =>
      [...text.matchAll(/^event: progress\ndata: (.+)$/gm)].map(([, data]) =>
        JSON.parse(data as string) as { status: string, replayed: number }
      )
  }
}
