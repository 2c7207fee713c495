import * as fc from 'fast-check'
import type { Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import type { KeyRing } from '../key-ring.ts'
import { basicField, bearerField, flipped, keyField, misplaced, nearly, swapped } from '../requests/tampered-keys.ts'
import { inRows, sendRaw } from '../send-raw.ts'

const EVENT = '{"type":"tampered","payload":1}'
const REQUESTS = [
  'POST /api/v1/events', 'GET /api/v1/dead-letters', 'GET /api/v1/metrics/queue', 'DELETE /api/v1/dead-letters?all=true'
] as const
/** The key is unknown, the field is none of HTTP, or the head is too long. */
const REFUSED = [400, 401, 431]
const BITS = [0, 1, 2, 3, 4, 5, 6, 7]
const QUICK_BITS = [0, 5]
/** All requests are tried with one field in so many, and with the last fields. */
const SAMPLED = 10
const LAST = 30

export default {
  description: 'keys that are changed, cut, recombined or misplaced: fields twice, two fields, Basic, very long ones',
  hasKeys: true,
  run: async ({ target, report, amount, seed }) => {
    const keys = target.keys as KeyRing
    const { attacker: { key } } = keys
    const places = fc.tuple(fc.nat(key.length - 1), fc.nat(key.length - 1)).filter(([a, b]) => a !== b)
    const twice = fc.sample(places, { seed, numRuns: amount(50, 5_000) }).map(([a, b]) => swapped(key, a, b))
    const bits = amount(0, 1) === 1 ? BITS : QUICK_BITS
    const texts = [...flipped(key, bits), ...nearly(keys), ...twice].filter((text) => text !== key)
    const fields = [...texts.flatMap((text) => [keyField(text), bearerField(text)]), ...misplaced(keys)]
    const isForAll = (index: number) => index % SAMPLED === 0 || index >= fields.length - LAST
    const tries: (readonly [line: string, fields: string])[] = [
      ...fields.flatMap((field, index) =>
        (isForAll(index) ? REQUESTS : REQUESTS.slice(0, 1)).map((line) => [line, field] as const)),
      // A browser sends a password unasked, so no route for events accepts one.
      [REQUESTS[0], basicField(`x:${key}`)],
      [`${REQUESTS[1]}?key=${key}`, ''],
      [`${REQUESTS[1]}?x-api-key=${key}`, '']
    ]
    await inRows(16, tries, async ([line, field]) => {
      const body = line.startsWith('POST') ? EVENT : ''
      const head = `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`
      const text = `${head}${field}Content-Length: ${body.length}\r\n\r\n${body}`
      const { answers: [answer], isClosed } = await sendRaw(target.port, text, { answers: 1 })
      const example = JSON.stringify(`${line} ${field}`.slice(0, 200))
      if (answer === undefined && !isClosed) report('silence', example)
      if (answer === undefined) return
      if (!REFUSED.includes(answer.status)) report('breach', `${answer.status} to ${example}`)
      for (const { check, what } of judgeAnswer(answer, target.secrets, line)) report(check, what)
    })
    return tries.length
  }
} satisfies Attack
