import type { Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import { sendRaw } from '../send-raw.ts'
import { HOST } from '../shape.ts'

/** The statuses a claim may get, and the best priority that the event may have afterwards. */
interface Claim {
  readonly name: string
  readonly fields?: string
  readonly body?: string
  readonly isRefused?: boolean
  readonly best?: number
}

const body = (fields: string) => `{"type":"spoof","payload":1${fields}}`
const CLAIMS: readonly Claim[] = [
  ...['0', '-1', '11', '1.0', '1e0', '0x1', '+1', '1 ', '"1"', '1,5', '5, 1', '1;q=1', '\u00b9', 'true', '1\t5', '001', '\u0661'].flatMap(
    (value): Claim[] => value.trim() === '1' ? [] : [{
      name: `X-Event-Priority: ${value}`, fields: `X-Event-Priority: ${value}\r\n`, isRefused: true
    }]
  ),
  { name: 'two priorities in headers', fields: 'X-Event-Priority: 5\r\nX-Event-Priority: 1\r\n', isRefused: true },
  { name: 'a header beside a better body', fields: 'X-Event-Priority: 9\r\n', body: body(',"priority":1'), best: 9 },
  { name: 'a priority twice in the body', body: body(',"priority":9,"priority":1') },
  { name: 'a priority in another case', body: body(',"Priority":1'), isRefused: true },
  { name: 'an underscore for the hyphen', fields: 'X_Event_Priority: 1\r\n', body: body(',"priority":9'), best: 9 },
  { name: 'a priority in the query', body: body(',"priority":9'), best: 9 },
  { name: 'a critical type in the header alone', fields: 'X-Event-Type: critical-alarm\r\n', body: body(''), best: 5 },
  { name: 'a type of other case', body: '{"type":"CRITICAL-ALARM","payload":1,"priority":7}', best: 7 },
  { name: 'a type with a NUL', body: '{"type":"critical-alarm\\u0000","payload":1,"priority":7}', best: 7 },
  { name: 'an organization as an object', body: body(',"organizationId":{"toString":"a"}'), isRefused: true },
  { name: 'an organization as a list', body: body(',"organizationId":["a"]'), isRefused: true },
  { name: 'two organizations', body: body(',"organizationId":"a","organizationId":"b"') },
  { name: 'the fields that the service assigns', body: body(',"receivedAt":1,"attempt":9,"sequence":1'), isRefused: true },
  { name: 'two types of a binary CloudEvent', best: 5,
    fields: 'ce-specversion: 1.0\r\nce-id: a\r\nce-source: s\r\nce-type: a\r\nce-type: critical-alarm\r\n' },
  { name: 'two priorities of a binary CloudEvent', isRefused: true,
    fields: 'ce-specversion: 1.0\r\nce-id: b\r\nce-source: s\r\nce-type: a\r\nce-priority: 9\r\nce-priority: 1\r\n' }
]

export default {
  description: 'priorities, organizations and types that are claimed twice or in other spellings',
  run: async ({ target, report, amount }) => {
    const claims = Array.from({ length: amount(1, 50) }, () => CLAIMS).flat()
    for (const { name, fields = '', body: text = body(''), isRefused = false, best = 1 } of claims) {
      const request = `POST /api/v1/events${name.endsWith('the query') ? '?priority=1' : ''} HTTP/1.1\r\n${HOST}Connection: close\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n${fields}\r\n`
      const { answers: [answer] } = await sendRaw(target.port, Buffer.concat([Buffer.from(request), Buffer.from(text)]))
      const status = answer?.status ?? 0
      const priority = status === 202 ? (JSON.parse(answer?.body ?? '{}') as { priority: number }).priority : undefined
      if (status === 0 || (status !== 202 && status !== 400)) report('breach', `${name}: ${status}`)
      if (isRefused && status === 202) report('breach', `${name}: accepted with priority ${priority}`)
      if (priority !== undefined && priority < best) report('breach', `${name}: priority ${priority}, at best ${best}`)
      if (answer === undefined) continue
      for (const { check, what } of judgeAnswer(answer, target.secrets, request)) report(check, what)
    }
    return claims.length
  }
} satisfies Attack
