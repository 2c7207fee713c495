import t from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { EXIT } from '../../../cli/exit-code.ts'
import { eventOfLine, lineId } from '../../../cli/send/event-line.ts'
import { WINDOW_EVENTS } from '../../../cli/send/send-lines.ts'
import { postBatch, startApp, storedEvents } from '../../app.ts'
import { bullmqOf } from '../../bullmq.ts'
import { eventually } from '../../../rig/eventually.ts'
import { listen, runCli } from '../run-cli.ts'

t.test('a line is an event, or the payload of one', async (t) => {
  const none = { type: undefined, priority: undefined }
  const both = { type: 'reading', priority: 7 }
  const table: [value: unknown, defaults: typeof none | typeof both, event: object | string][] = [
    [{ type: 'a', payload: 1 }, none, { type: 'a', payload: 1, id: 'derived' }],
    [{ type: 'a', payload: 1, id: 'own', priority: 2 }, both, { type: 'a', payload: 1, id: 'own', priority: 2 }],
    [{ payload: null }, both, { type: 'reading', payload: null, priority: 7, id: 'derived' }],
    [{ payload: 1, celsius: 20 }, both, {
      type: 'reading',
      payload: { payload: 1, celsius: 20 },
      priority: 7,
      id: 'derived'
    }],
    [{ type: 'a' }, both, { type: 'reading', payload: { type: 'a' }, priority: 7, id: 'derived' }],
    [[1, 2], both, { type: 'reading', payload: [1, 2], priority: 7, id: 'derived' }],
    [null, both, { type: 'reading', payload: null, priority: 7, id: 'derived' }],
    [{ payload: 1 }, none, 'the line has no type; add one, or use --type'],
    [7, none, 'a bare payload needs --type']
  ]
  for (const [value, defaults, expected] of table) {
    const found = eventOfLine(value, JSON.stringify(value), defaults, 'derived')
    t.strictSame(found.ok ? JSON.parse(JSON.stringify(found.event)) : found.message, expected, JSON.stringify(value))
  }
})

t.test('a payload is sent byte for byte as it stands in its line', async (t) => {
  const defaults = { type: 'reading', priority: undefined }
  for (const [line, payloadText] of [
    ['{"payload": 12345678901234567890 ,"type":"a"}', '12345678901234567890'],
    ['{"payload":1,"pay\\u006coad":{ "a":1.0 }}', '{ "a":1.0 }'],
    [' 1e400\r', '1e400'], ['{"celsius":20.0, "celsius":21}', '{"celsius":20.0, "celsius":21}']
  ] as const) t.match(eventOfLine(JSON.parse(line), line, defaults, 'derived'), { ok: true, payloadText }, line)
  const { app } = await startApp(t)
  const lines = '{"type":"a","payload":{ "n":12345678901234567890 }}\n{"celsius":20.0, "celsius":21}\n'
  t.match(await runCli(['send', '-', '--type', 'reading'], { env: await listen(app), stdin: lines }), { code: EXIT.ok })
  const [{ id = '' } = {}] = await bullmqOf(app).getJobs(['prioritized'])
  const data = await app.redis.hget(app.queue.keys.jobs.of(id), 'data')
  t.match(data, '"payload":{ "n":12345678901234567890 }')
  t.match(data, '"payload":{"celsius":20.0, "celsius":21}')
})

t.test('the id of a line is the same again, and another for every other line', async (t) => {
  t.equal(lineId('a', 1, 'x'), lineId('a', 1, 'x'))
  t.equal(
    new Set([
      lineId('a', 1, 'x'),
      lineId('b', 1, 'x'),
      lineId('a', 2, 'x'),
      lineId('a', 1, 'y'),
      lineId('a1', 1, 'x'),
      lineId('a', 11, 'x')
    ]).size,
    6
  )
})

const { app, redis } = await startApp(t)
const env = await listen(app)

t.test('a file is sent, what is wrong is named by its line, and a second run stores nothing twice', async (t) => {
  const file = join(redis.folder, 'events.ndjson')
  const lines = Array.from({ length: 300 }, (_, index) => JSON.stringify({ type: 'a', payload: index }))
  await writeFile(
    file,
    [...lines, '', '{"a":1}', 'nope', '{"type":"a","payload":1,"priority":99}', '{"type":"a","payload":"é","id":"own"}']
      .join('\n')
  )

  const first = await runCli(['send', file, '--json'], { env })
  t.equal(first.code, EXIT.failed)
  t.match(first.json(), {
    lines: 304,
    accepted: 301,
    duplicate: 0,
    invalid: 3,
    shed: 0,
    failures: [{ line: 302 }, { line: 303 }, { line: 304, errors: [{ field: 'priority' }] }]
  })

  const second = await runCli(['send', file], { env })
  t.match(
    second.out,
    /0 accepted, 301 duplicate, 3 failed \(3 invalid\)\n {2}line 302: invalid: a bare payload needs --type\n {2}line 303: invalid/
  )
  t.equal((await storedEvents(app)).length, 301, 'each once')

  const typed = await runCli(['send', '-', '--type', 'reading', '--priority', '8', '--json'], {
    env,
    stdin: '{"celsius":20}\n{"celsius":21}'
  })
  t.match(typed, { code: EXIT.ok })
  t.match(typed.json(), { source: 'standard input', accepted: 2 })
  t.match((await storedEvents(app)).slice(-2), [{ type: 'reading', priority: 8, payload: { celsius: 20 } }, {
    type: 'reading',
    priority: 8,
    payload: { celsius: 21 }
  }])

  const again = () => runCli(['send', '--type', 'reading', '--key', 'morning', '--json'], { env, stdin: '1\n2\n' })
  t.match((await again()).json(), { accepted: 2 })
  t.match((await again()).json(), { duplicate: 2 }, 'a key makes the standard input repeatable too')
})

t.test('while the service refuses, it waits as long as its patience, sends what is critical, and says where it stopped', async (t) => {
  const { app } = await startApp(t, {
    env: { QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '5' }
  })
  const env = await listen(app)
  await postBatch(app, Array.from({ length: 5 }, (_, index) => ({ type: 'a', payload: index })))
  await eventually('the circuit is open', () => app.backpressure.signals.circuitState === 'OPEN')
  const file = join(redis.folder, 'refused.ndjson')
  await writeFile(file, '{"type":"a","payload":1}\n{"type":"a","payload":2,"priority":1}\n')
  const { code, out } = await runCli(['send', file, '--patience', '0.2'], { env })
  t.equal(code, EXIT.failed)
  t.match(out, /1 accepted, 0 duplicate, 1 failed \(1 shed\)\n {2}line 1: shed: circuit-open: The circuit is open/)

  await writeFile(
    file,
    Array.from({ length: WINDOW_EVENTS + 100 }, (_, index) => JSON.stringify({ type: 'a', payload: index })).join('\n')
  )
  const { lines = 0, ...long } = (await runCli(['send', file, '--patience', '0.2', '--json'], { env })).json()
  t.match(long, { accepted: 0, stoppedAtLine: lines + 1, failuresTruncated: true })
  t.ok(lines > 0 && lines <= WINDOW_EVENTS, 'it reads no further than its window while nothing gets in')
})

t.test('Ctrl-C ends it with a report and 130', async (t) => {
  // As a process of its own: the entry is what hears the signal.
  const child = spawn(process.execPath, [
    join(import.meta.dirname, '../../../cli/spillway.mjs'),
    'send',
    '--type',
    'interrupted',
    '--json'
  ], { env: { ...env, PATH: process.env.PATH }, stdio: ['pipe', 'pipe', 'pipe'] })
  t.teardown(() => {
    child.kill('SIGKILL')
  })
  child.stdin.write('1\n2\n')
  await eventually(
    'both are stored',
    async () => (await storedEvents(app)).filter(({ type }) => type === 'interrupted').length === 2
  )
  child.kill('SIGINT')
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  t.equal(code, EXIT.interrupted)
  t.match(JSON.parse(out), { accepted: 2 })
})

t.test('a reader that goes away ends it quietly', async (t) => {
  const child = spawn(process.execPath, [
    join(import.meta.dirname, '../../../cli/spillway.mjs'),
    'status',
    '--watch',
    '--json',
    '--interval',
    '0.05'
  ], { env: { ...env, PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => {
    child.kill('SIGKILL')
  })
  const exited = once(child, 'exit')
  const err = text(child.stderr)
  await once(child.stdout, 'data')
  child.stdout.destroy()
  t.strictSame((await exited)[0], EXIT.brokenPipe)
  t.equal(await err, '')
})
