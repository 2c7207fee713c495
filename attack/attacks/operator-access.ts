import type { Attack } from '../attack.ts'
import { routesOf, type FuzzedRoute, type OpenApi } from '../fuzz/requests.ts'
import { judgeAnswer } from '../judge.ts'
import { inRows, sendRaw } from '../send-raw.ts'

/** Paths that everybody may use; all others need the token. */
const OPEN = new Set([
  'POST /api/v1/events', 'POST /api/v1/events/batch', 'POST /api/v1/datastreams', 'GET /api/v1/events/{id}',
  'GET /api/v1/health', 'GET /api/v1/health/liveness', 'GET /api/v1/health/readiness', 'GET /api/v1/metrics/prometheus',
  'GET /api/v1/metrics/queue', 'GET /api/v1/metrics/queue/summary',
  'GET /api/v1/autoscaling'
])
/** Other spellings of a path that a guard by prefix would miss. */
const SPELLINGS: ((path: string) => string)[] = [
  (path) => path, (path) => `/${path}`, (path) => `${path}/`, (path) => path.replace('/api/', '/API/'),
  (path) => path.replace('/api/', '/%61pi/'), (path) => path.replace('/v1/', '/v1//'), (path) => `/docs/..${path}`,
  (path) => path.replace('/v1/', '/v1/./'), (path) => `${path};x`, (path) => `${path}%00`, (path) => `http://localhost${path}`
]

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

/** Values of Authorization that are near the right one. */
function nearly (operator: string): string[] {
  const token = operator.slice('Bearer '.length)
  return [
    'Bearer', 'Bearer ', `Bearer ${token.slice(0, -1)}`, `Bearer ${token}0`, `Bearer ${token.slice(0, -1)}_`, `Bearer _${token.slice(1)}`, `Bearer ${'a'.repeat(token.length)}`,
     `Bearer ${token.toUpperCase()}x`, `Token ${token}`,
    `Bearer  ${token.slice(1)}`, `Bearer ${token}, Bearer x`, basic(`${token}:`), basic(`${token}:x`), basic(':'), 'Basic !!!',
    `Bearer ${'a'.repeat(8_000)}`, 'Bearer undefined', 'Bearer null', 'Bearer [object Object]', 'Bearer \u00ff'
  ]
}

export default {
  description: 'routes of operators without the token, with wrong ones, and under other spellings',
  run: async ({ target, report, amount }) => {
    const document = await (await fetch(`${target.url}/openapi.json`)).json() as OpenApi
    const guarded = routesOf(document).filter(({ method, path }) =>
      path.startsWith('/api/') && !OPEN.has(`${method} ${path}`)
    )
    if (guarded.length === 0) report('breach', 'the document names no route for operators')
    const tries = guarded.flatMap((route) => [
      ...SPELLINGS.map((spell) => request(route, spell, '')),
      // Two spellings at once, each with a wrong token.
      ...SPELLINGS.slice(0, amount(0, SPELLINGS.length)).flatMap((outer) => SPELLINGS.flatMap((inner) =>
        nearly(target.operator).slice(2, 6).map((value) =>
          request(route, (path) => outer(inner(path)), `Authorization: ${value}\r\n`)
        )
      )),
      ...nearly(target.operator).map((value) => request(route, (path) => path, `Authorization: ${value}\r\n`)),
      request(route, (path) => path, `Authorization: ${target.operator}\r\nSec-Fetch-Site: cross-site\r\n`),
      request(route, (path) => path, `Authorization: ${target.operator}\r\nOrigin: http://evil.example\r\n`)
    ])
    await inRows(16, tries, async (text) => {
      const { answers } = await sendRaw(target.port, text, { answers: 1 })
      const [answer] = answers
      if (answer === undefined || answer.status < 400) report('breach', `${answer?.status} to ${text.slice(0, 200)}`)
      else for (const { check, what } of judgeAnswer(answer, target.secrets, text)) report(check, what)
    })
    return tries.length
  }
} satisfies Attack

function request ({ method, path }: FuzzedRoute, spell: (path: string) => string, fields: string): string {
  return `${method} ${spell(path.replaceAll(/\{\w+\}/g, 'x'))} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
    `Content-Type: application/json\r\nContent-Length: 2\r\n${fields}\r\n{}`
}
