/*
 * Senders that get an answer before they have sent their body: the answer has to reach them, though nobody wants the
 * rest.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import t from 'tap'
import { findProgram } from '../../rig/find-program.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer } from '../../rig/spawned-server.ts'

const MIB = 1_048_576
const JSON_TYPE = { 'content-type': 'application/json' }

const redis = await startRedis(t)
const { url } = await startReadyServer(t, {
  REDIS_URL: redis.url, ROLE: 'api', SPOOL_CLASSES: 'none',
  QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '3'
})
const body = Buffer.alloc(60 * MIB, 'x')

/** Refusals of bodies before they are read, or before they are read to their end. */
const CASES: [
  claim: string,
  method: string,
  path: string,
  status: number,
  mib: number,
  times: number,
  headers: Record<string, string>
][] = [
  ['an event that is too large', 'POST', '/api/v1/events', 413, 4, 20, JSON_TYPE],
  ['an array that is too large', 'POST', '/api/v1/events/batch', 413, 60, 5, JSON_TYPE],
  ['a type that is not taken', 'POST', '/api/v1/events', 415, 8, 10, { 'content-type': 'text/plain' }],
  ['an encoding that is not taken', 'POST', '/api/v1/events/batch', 415, 60, 3, {
    ...JSON_TYPE,
    'content-encoding': 'compress'
  }],
  ['a header that is wrong', 'POST', '/api/v1/events/batch', 400, 8, 10, {
    'content-type': 'application/x-ndjson',
    'x-event-priority': '11'
  }],
  ['a path that is not there', 'POST', '/api/v1/nothing', 404, 8, 10, JSON_TYPE],
  ['a method that is not taken', 'PUT', '/api/v1/events', 405, 8, 10, JSON_TYPE],
  ['an array that is shed', 'POST', '/api/v1/events/batch', 503, 60, 5, { ...JSON_TYPE, 'x-event-priority': '9' }],
  ['a page of another site', 'POST', '/api/v1/workers/pause', 403, 8, 10, {
    ...JSON_TYPE,
    origin: 'http://elsewhere.example'
  }]
]

type Call = (method: string, path: string, headers: Record<string, string>, body: Buffer) => Promise<number | string>

const overNodeHttp = (isChunked: boolean): Call => (method, path, headers, body) =>
  new Promise((resolve) => {
    const framing = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }
    const call = request(`${url}${path}`, { method, agent: false, headers: { ...headers, ...framing } })
    call.on('response', (answer) => {
      text(answer).then(() => resolve(answer.statusCode as number), (error: Error) => resolve(error.message))
    })
    call.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    call.end(body)
  })

const overFetch: Call = async (method, path, headers, body) => {
  try {
    const answer = await fetch(`${url}${path}`, { method, headers, body: new Uint8Array(body) })
    await answer.text()
    return answer.status
  } catch (error) {
    return String((error as Error).cause ?? error)
  }
}

/** From now on the service admits only critical events. */
await eventually('the circuit is open', async () => {
  const event = { method: 'POST', headers: JSON_TYPE, body: '{"type":"x","payload":1,"priority":1}' }
  await (await fetch(`${url}/api/v1/events`, event)).text()
  const answer = await fetch(`${url}/api/v1/metrics/queue/summary`)
  return (await answer.json() as { circuitState: string }).circuitState === 'OPEN'
})

for (
  const [client, call] of [['node:http', overNodeHttp(false)], ['node:http in chunks', overNodeHttp(true)], [
    'fetch',
    overFetch
  ]] as const
) {
  t.test(`an early answer reaches ${client}, every time`, async (t) => {
    for (const [claim, method, path, status, mib, times, headers] of CASES) {
      const answers = []
      for (let time = 0; time < times; time++)
        answers.push(await call(method, path, headers, body.subarray(0, mib * MIB)))
      t.strictSame(answers, Array.from({ length: times }, () => status), claim)
    }
  })
}

/** Posts with http.client and urllib, which read nothing before all of the body is sent. */
const PYTHON = `
import http.client, json, sys, urllib.error, urllib.request
url, cases = sys.argv[1], json.loads(sys.argv[2])
host = url.removeprefix('http://')
answers = []
for method, path, mib, times, headers in cases:
    body = b'x' * (mib * 1048576)
    for time in range(times):
        try:
            if time % 2:
                call = http.client.HTTPConnection(host)
                call.request(method, path, body, headers)
                answer = call.getresponse()
                answer.read()
                answers.append(answer.status)
            else:
                urllib.request.urlopen(urllib.request.Request(url + path, body, headers, method=method))
        except urllib.error.HTTPError as error:
            error.read()
            answers.append(error.code)
        except Exception as error:
            answers.append(repr(error))
print(json.dumps(answers))
`

t.test('an early answer reaches Python, every time', async (t) => {
  const python = findProgram('python3')
  if (python === undefined) return t.pass('there is no python3 on the PATH')
  const cases = CASES.map(([, method, path, , mib, times, headers]) => [method, path, mib, times, headers])
  const { stdout } = await promisify(execFile)(python, ['-c', PYTHON, url, JSON.stringify(cases)])
  t.strictSame(
    JSON.parse(stdout),
    CASES.flatMap(([, , , status, , times]) => Array.from({ length: times }, () => status))
  )
})

t.test('a short body that nobody wants keeps its connection', async (t) => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  let answers = ''
  socket.on('data', (chunk: Buffer) => {
    answers += chunk.toString()
  })
  const post = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Event-Priority: 1\r\nContent-Length: 24\r\n\r\n{"type":"x","payload":1}`
  socket.write(post('/api/v1/nothing') + post('/api/v1/health') + post('/api/v1/events'))
  while (!answers.includes('"status":"accepted"')) await once(socket, 'data')
  t.strictSame(answers.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 404', 'HTTP/1.1 405', 'HTTP/1.1 202'])
})

t.test('a sender that never stops is cut off', async (t) => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString()
  }).on('error', () => {})
  socket
    .write('POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000000000\r\n\r\n')
  const chunk = Buffer.alloc(MIB)
  let sent = 0
  const closed = new Promise((resolve) => { socket.once('close', resolve) })
  void (async () => {
    while (!socket.destroyed) {
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), closed])
      sent += MIB
    }
  })().catch(() => {})
  await closed
  t.match(answer, /^HTTP\/1\.1 413/)
  t.ok(sent < 1_000 * MIB, `after ${sent / MIB} MiB`)
})

t.test('a sender that stands still after an answer is cut off', async (t) => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  socket.on('data', () => {}).on('error', () => {})
  socket.write('POST /api/v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome')
  await new Promise((resolve) => { socket.once('close', resolve) })
  t.pass('by its silence')
})
