import t from 'tap'
import { judgeAnswer, judgeOutput, printable, steeringIn } from '../../attack/judge.ts'
import { answersIn } from '../../attack/received.ts'

const problem = (status: number, more = '') => ({
  status,
  head: `HTTP/1.1 ${status} X\r\nContent-Type: application/problem+json; charset=utf-8`,
  body: `{"type":"urn:x","status":${status}${more}}`
})
const checks = (answer: Parameters<typeof judgeAnswer>[0], request = 'GET /') =>
  judgeAnswer(answer, ['hidden'], request).map(({ check }) => check)

t.test('an answer is judged by its status, its form and what it shows', async (t) => {
  t.strictSame(checks(problem(400)), [])
  t.strictSame(checks(problem(503)), [], 'a refusal is documented')
  t.strictSame(checks({ ...problem(501), body: '{"type":"urn:spillway:problem:durability-unsupported","status":501}' }), [])
  t.strictSame(checks(problem(500)), ['server-error'])
  t.strictSame(checks({ status: 503, head: 'HTTP/1.1 503 X', body: 'busy' }), ['server-error', 'problem'])
  t.strictSame(checks({ ...problem(400), body: '{"status":404}' }), ['problem'], 'the status is of another answer')
  t.strictSame(checks({ status: 404, head: 'HTTP/1.1 404 X', body: '' }), [], 'an answer to HEAD')
  t.strictSame(checks({ status: 404, head: 'HTTP/1.1 404 X', body: '{"id":"x","status":"unknown"}' }), [], 'a receipt')
  const foreign = { status: 413, head: 'HTTP/1.1 413 X', body: '{"statusCode":413}' }
  t.strictSame(checks(foreign, 'PUT /admin/queues/api/queues HTTP/1.1'), [])
  t.strictSame(checks(foreign, 'PUT /api/v1/settings HTTP/1.1'), ['problem'])
  t.strictSame(checks(problem(400, ',"detail":"hidden"')), ['secret'])
  t.strictSame(checks({ status: 200, head: 'HTTP/1.1 200 OK\r\nx: hidden', body: '' }), ['secret'])
})

t.test('the output is JSON lines without steering characters, disorders and secrets', async (t) => {
  const found = (stdout: string, stderr = '') => judgeOutput(stdout, stderr, ['hidden']).map(({ check }) => check)
  t.strictSame(found('{"level":30,"event":"started","type":"\\u001b[2J"}\n'), [])
  t.strictSame(found('{"level":30}\nno JSON\n'), ['output'])
  t.strictSame(found('{"type":"\u202egnp"}\n'), ['output'])
  t.strictSame(found('{"type":"\u009b31m"}\n'), ['output'])
  t.strictSame(found('{"level":60,"event":"start-failed"}\n'), ['rejection'])
  t.strictSame(found('{"level":50,"event":"request-failed"}\n'), ['rejection'])
  t.strictSame(found('', '(node:1) MaxListenersExceededWarning'), ['rejection'])
  t.strictSame(found('{"level":30,"token":"hidden"}\n'), ['secret'])
})

t.test('characters that steer a terminal are found and shown without effect', async (t) => {
  t.equal(steeringIn('plain\n\ttext'), undefined)
  t.equal(steeringIn('a\u001b[2Jb'), '"a\\u001b[2Jb"')
  t.equal(printable('\u202e\u00e9'), '"??"')
})

t.test('the bytes of a connection are split into answers', async (t) => {
  const statuses = (text: string) => answersIn(text).map(({ status, body }) => [status, body])
  t.strictSame(statuses(''), [])
  t.strictSame(statuses('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 404 X\r\n\r\n'), [[200, 'ab'], [404, '']])
  t.strictSame(
    statuses('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\nHTTP/1.1 400 X\r\n\r\n'),
    [[202, 'abc'], [400, '']]
  )
  t.strictSame(statuses('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 400 X\r\n\r\n'), [[200, ''], [400, '']], 'HEAD')
  t.strictSame(statuses('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'), [[200, 'ab']], 'cut off')
  t.strictSame(statuses('garbage'), [[0, 'garbage']])
})
