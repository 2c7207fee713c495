import t, { type Test } from 'tap'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listen, runCli } from '../cli/run-cli.ts'
import { post, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { freePort } from '../../rig/free-port.ts'
import { startRedis } from '../../rig/redis.ts'
import { ROOT } from './documents.ts'
import { assignmentsOf, curlExamples, shellLines } from './shell.ts'

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const commands = shellLines(readme).filter((line) => line !== '' && !line.startsWith('#'))
const lineWith = (pattern: RegExp) =>
  commands.find((line) => pattern.test(line)) ?? t.bailout(`no command ${pattern}`) as never

/** The environment that a start of the README sets, without what a test has of its own. */
function environmentOf (line: string): Record<string, string> {
  const { LOG_LEVEL: _level, ...env } = assignmentsOf(line)
  // The role of a first start is all: with a worker, as the README has it.
  return { ROLE: 'all', ...env }
}

/** Runs a command of the README in a shell; answers what it prints, as it grows. */
function startCommand (t: Test, line: string): () => string {
  const child = spawn('sh', ['-c', `exec ${line.replace(/ &$/, '')}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill() })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { printed += text })
  return () => printed
}

t.test('begins with what it is, and shows the refusal within three commands in one terminal', async (t) => {
  t.match(readme, /^# Spillway\n\n[A-Z]/)
  const [start, accepted, refused] = commands as [string, string, string]
  t.match(start, /npm start &$/)
  t.strictSame(curlExamples(readme).map(({ status }) => status), [202, 503, 202])
  for (const line of [accepted, refused]) t.match(line, /^curl -i http:\/\/127\.0\.0\.1:3000/)
  for (const command of ['npm start', 'npm test']) t.ok(commands.includes(command), command)
})

t.test('from its commands alone: 202, 503, the own events with payloads, and their delivery', async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { redis, env: environmentOf(lineWith(/npm start &$/)), handlers: 'configured' })
  for (const { status, url, method, headers, body } of curlExamples(readme)) {
    const payload = body !== undefined && { payload: body }
    const response = await app.inject({ method: method as 'POST', url: url.pathname, headers, ...payload })
    t.equal(response.statusCode, status, `${method} ${url.href} ${body ?? ''}`)
    // A reader takes longer than a sample interval from one command to the next.
    await eventually('the request is in the signals', () => app.backpressure.depth === app.backpressure.signals.depth)
    if (status === 503) {
      const refusal = { reason: 'circuit-open', circuitState: 'OPEN', queueDepth: 5, priority: 5 }
      t.match(response.json(), { ...refusal, retryAfterSeconds: Number })
      t.ok(response.headers['retry-after'])
    }
  }
  const tail = lineWith(/^npx spillway tail/)
  const { code, out } = await runCli(tail.split(' ').slice(2), { env: await listen(app) })
  t.equal(code, 0)
  const shown = out.trimEnd().split('\n')
  t.equal(shown.length, 12, 'a line and a payload for each of six events')
  t.match(shown.at(-2), /  1  critical-alarm  .*  waiting$/)
  t.equal(shown.at(-1), '    {"deviceId": "d7", "temperature": 91.5}')
  await app.close()

  const port = String(await freePort())
  const printed = startCommand(t, lineWith(/^node -e/).replace('8080', port))
  const delivering = environmentOf(lineWith(/^DELIVERY_URL=/))
  t.match(delivering.DELIVERY_URL, ':8080')
  const env = { ...delivering, DELIVERY_URL: (delivering.DELIVERY_URL as string).replace('8080', port) }
  const { app: again } = await startApp(t, { redis, env, handlers: 'configured' })
  await eventually('all are delivered', () => printed().match(/"specversion"/g)?.length === 6)
  t.ok(printed().indexOf('critical-alarm') < printed().indexOf('order'), 'the critical one first')
  t.equal((await post(again, { type: 'later', payload: { mine: true } })).statusCode, 202)
  await eventually('a later one is delivered', () => printed().includes('"mine":true'))
})

t.test('the answers that the README shows are of the form of the real ones', async (t) => {
  const { app } = await startApp(t, {
    env: { QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '3' }
  })
  const shown = [...readme.matchAll(/^HTTP\/1\.1 (\d{3})[^{]*(\{[^]*?\})\n```/gm)]
  t.strictSame(shown.map(([, status]) => status), ['503', '202'])
  const send = (payload: object) => app.inject({ method: 'POST', url: '/api/v1/events', payload })
  const answers: Record<string, Awaited<ReturnType<typeof send>>> = { 202: await send({ type: 'a', payload: 1 }) }
  await eventually('one is refused', async () => {
    answers[503] = await send({ type: 'a', payload: 1 })
    return answers[503].statusCode === 503
  })
  for (const [, status, body] of shown) {
    const members = Object.keys(answers[status as string]?.json() ?? {})
    t.strictSame(Object.keys(JSON.parse(body as string)), members, `the members of a ${status}`)
  }
})
