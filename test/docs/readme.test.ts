import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { startApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import { ROOT } from './documents.ts'
import { assignmentsOf, curlExamples, shellLines } from './shell.ts'

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

t.test('begins with what it is, the two commands, and a request that is taken and one that is refused', async (t) => {
  t.match(readme, /^# Spillway\n\n[A-Z]/)
  t.strictSame(shellLines(readme).slice(0, 2), ['npm start', 'npm test'])
  const statuses = curlExamples(readme).map(({ status }) => status)
  t.equal(statuses[0], 202)
  t.ok(statuses.includes(503))
})

t.test('each curl of the README is answered as it says', async (t) => {
  const apps = new Map<string, FastifyInstance>()
  for (const line of shellLines(readme).filter((line) => line.endsWith('npm start'))) {
    // The test brings its own Redis and needs no port.
    const { PORT = '3000', DATA_DIR: _folder, ...env } = assignmentsOf(line)
    // The role of a first start is all: with a worker, as the README has it.
    apps.set(PORT, (await startApp(t, { env: { ROLE: 'all', ...env } })).app)
  }
  for (const { status, url, method, headers, body } of curlExamples(readme)) {
    const app = apps.get(url.port)
    if (app === undefined) throw new Error(`the README starts nothing on the port of ${url.href}`)
    const response = await app.inject({ method: method as 'POST', url: url.pathname, headers, ...(body !== undefined && { payload: body }) })
    t.equal(response.statusCode, status, `${method} ${url.href} ${body ?? ''}`)
    // A reader takes longer than a sample interval from one command to the next.
    await eventually('the request is in the signals', () => app.backpressure.depth === app.backpressure.signals.depth)
    if (status === 503) {
      t.match(response.json(), { reason: 'circuit-open', circuitState: 'OPEN', queueDepth: 5, priority: 5, retryAfterSeconds: Number })
      t.ok(response.headers['retry-after'])
    }
  }
})

t.test('the answers that the README shows are of the form of the real ones', async (t) => {
  const { app } = await startApp(t, { env: { QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '3' } })
  const shown = [...readme.matchAll(/^HTTP\/1\.1 (\d{3})[^{]*(\{[^]*?\})\n```/gm)]
  t.strictSame(shown.map(([, status]) => status), ['202', '503'])
  const post = () => app.inject({ method: 'POST', url: '/api/v1/events', payload: { type: 'a', payload: 1 } })
  for (const [, status, body] of shown) {
    let answer = await post()
    while (answer.statusCode !== Number(status)) answer = await post()
    t.strictSame(Object.keys(JSON.parse(body as string)), Object.keys(answer.json()), `the members of a ${status}`)
  }
})
