import type { Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import { inRows, sendRaw } from '../send-raw.ts'

const repeated = (count: number, field: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => `${field(index)}\r\n`).join('')

/** Fields just below and above 16 KiB. */
const FLOODS = [
  repeated(2_700, () => 'a:b'), repeated(900, (index) => `x-${index}: y`), repeated(20_000, () => 'a:b'),
  `x: ${'y'.repeat(16_000)}\r\n`, `x: ${'y'.repeat(1_000_000)}\r\n`, `${'x'.repeat(16_000)}: y\r\n`,
  repeated(300, () => 'Cookie: a=b; c=d; e=f; g=h'), `Accept: ${'a/b,'.repeat(3_500)}*/*\r\n`,
  `X-Event-Type: ${'a'.repeat(15_000)}\r\n`, `Idempotency-Key: ${'"'.repeat(15_000)}\r\n`,
  `traceparent: ${'0-'.repeat(7_000)}\r\n`, `tracestate: ${'a=b,'.repeat(3_900)}\r\n`,
  `Authorization: Basic ${'A'.repeat(15_000)}\r\n`, `If-None-Match: ${'"a",'.repeat(3_800)}\r\n`,
  `X-Event-Priority: ${'0'.repeat(15_000)}1\r\n`, `Content-Type: application/json;${'a=b;'.repeat(3_900)}\r\n`,
  repeated(900, (index) => `ce-a${index}: y`)
]
const PATIENCE_MS = 5_000
const PATHS = ['/api/v1/events', '/api/v1/settings', '/docs', '/nothing']

export default {
  description: 'floods of header fields',
  run: async ({ target, report, amount }) => {
    const rounds = amount(2, 40)
    const requests = Array.from({ length: rounds }, () => FLOODS.flatMap((fields) => PATHS.map((path) =>
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${fields}Content-Length: 2\r\n\r\n{}`
    ))).flat()
    await inRows(16, requests, async (text) => {
      const { answers, isClosed } = await sendRaw(target.port, text, { patienceMs: PATIENCE_MS })
      if (answers.length === 0 && !isClosed) report('silence', text.slice(0, 200))
      for (const answer of answers) {
        if (answer.status < 300 && text.includes('X-Event-Priority')) report('breach', `${answer.status} to a long priority`)
        for (const { check, what } of judgeAnswer(answer, target.secrets, text)) report(check, what)
      }
    })
    return requests.length
  }
} satisfies Attack
