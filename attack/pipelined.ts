import type { Scene } from './attack.ts'
import { judgeAnswer } from './judge.ts'
import { inRows, sendRaw } from './send-raw.ts'

/** Requests of one connection, below the number that may wait there. */
const PIPELINED = 50
const PATH = 'GET /api/v1/events/x HTTP/1.1\r\nHost: localhost\r\n'

/**
 * Sends a flood of requests for a receipt, judges their answers, and counts them by status.
 *
 * @param count a multiple of 50
 * @param connections to send them over at once; each comes from another address of loopback
 * @param fieldOf the header field of the next request, with its line break
 */
export async function sendPipelined (
  { target, report }: Pick<Scene, 'target' | 'report'>, count: number, connections: number, fieldOf: () => string
): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>()
  await inRows(connections, Array.from({ length: count / PIPELINED }), async () => {
    const text = Array.from({ length: PIPELINED }, () => `${PATH}${fieldOf()}\r\n`).join('')
    const { answers } = await sendRaw(target.port, text, { answers: PIPELINED })
    for (const answer of answers) {
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      for (const { check, what } of judgeAnswer(answer, target.secrets, PATH)) report(check, what)
    }
  })
  return statuses
}
