import { EVENT, GET, HIDDEN, HOST, LENGTH, type ShapeCategory } from '../shape.ts'

const refused = (line: string, fields: string, body: string) =>
  `${line} HTTP/1.1\r\n${HOST}${fields}Content-Length: ${body.length}\r\n\r\n${body}`
const NEXT = `${GET}${HOST}\r\n`
/** The answer to a request that is read on, or the end of the connection after the refusal. */
const thenHealth = (...statuses: number[]) => [statuses, [200, 0]]

export default {
  category: 'requests behind an early answer',
  shapes: [
    { name: 'an unsupported type', answers: thenHealth(415),
      text: refused('POST /api/v1/events', 'Content-Type: text/plain\r\n', HIDDEN) + NEXT },
    { name: 'an unsupported encoding', answers: thenHealth(400, 415),
      text: refused('POST /api/v1/events', 'Content-Type: application/json\r\nContent-Encoding: gzip\r\n', HIDDEN) + NEXT },
    { name: 'an unknown path', answers: thenHealth(404), text: refused('POST /nothing', 'Content-Type: application/json\r\n', HIDDEN) + NEXT },
    { name: 'a wrong method', answers: thenHealth(404, 405), text: refused('DELETE /api/v1/events', '', HIDDEN) + NEXT },
    { name: 'a route for operators', answers: thenHealth(401),
      text: refused('PATCH /api/v1/settings', 'Content-Type: application/json\r\n', HIDDEN) + NEXT },
    { name: 'an invalid priority', answers: thenHealth(400),
      text: refused('POST /api/v1/events', 'Content-Type: application/json\r\nX-Event-Priority: 99\r\n', HIDDEN) + NEXT },
    { name: 'a body beyond the limit', answers: [[413]],
      text: `POST /api/v1/events HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 9000000\r\n\r\n${HIDDEN}${NEXT}` },
    { name: 'Expect: 100-continue with the body at once', answers: [[202, 417], [200, 0]],
      text: `POST /api/v1/events HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nExpect: 100-continue\r\n${LENGTH}\r\n${EVENT}${NEXT}` }
  ]
} satisfies ShapeCategory
