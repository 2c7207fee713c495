import * as fc from 'fast-check'
import type { Scene } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import { inRows, sendRaw, type RawOptions } from '../send-raw.ts'

const ROWS = 48
/** Generated at once; the process also posts critical events and must not generate for long. */
const SLICE = 100

/** Sends so many generated requests, each on a new connection, and judges their answers. */
export async function volley (
  { target, seed, report, note }: Scene, requests: fc.Arbitrary<Buffer>, count: number,
  options: (index: number) => RawOptions
): Promise<number> {
  const statuses = new Map<number, number>()
  let index = 0
  await inRows(ROWS, generated(requests, seed, count), async (request) => {
    const { answers, isClosed } = await sendRaw(target.port, request, options(index++))
    const text = request.toString('latin1')
    for (const answer of answers) {
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      for (const { check, what } of judgeAnswer(answer, target.secrets, text)) report(check, what)
    }
    if (answers.length === 0) statuses.set(0, (statuses.get(0) ?? 0) + 1)
    if (answers.length === 0 && !isClosed) report('silence', JSON.stringify(text.slice(0, 300)))
  })
  const counts = [...statuses].toSorted(([a], [b]) => a - b)
  note(`answers: ${counts.map(([status, times]) => `${status || 'none'} ${times.toLocaleString('en')}`).join(', ')}`)
  return count
}

function * generated (requests: fc.Arbitrary<Buffer>, seed: number, count: number): Generator<Buffer> {
  for (let made = 0; made < count; made += SLICE)
    yield * fc.sample(requests, { seed: seed + made, numRuns: Math.min(SLICE, count - made) })
}
