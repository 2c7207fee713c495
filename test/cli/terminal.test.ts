/* No text of a producer, a consumer or a stranger at the URL controls the terminal in which a command runs. */
import { once } from 'node:events'
import { readFileSync, globSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { factsOf } from './doctor/facts.ts'
import { runCli } from './run-cli.ts'

const CLI = join(import.meta.dirname, '../../cli')

/** C1 that clears the screen, C0, DEL, marks of bidirectional text and the colour that hides text. */
const HOSTILE = 'x\u009B2J\u001B[2J\u001B[8m\u0007\u007F\u202E\u2066y'
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const deadLetter = {
  id: HOSTILE,
  event: { id: HOSTILE, type: HOSTILE, payload: HOSTILE },
  reason: HOSTILE,
  error: HOSTILE,
  attempts: 1,
  diedAt: HOSTILE
}
const replay = { id: HOSTILE, status: 'done', reason: HOSTILE, matched: 1, replayed: 1, skipped: 0 }
const facts = factsOf()
if (facts.service.state !== 'reached') throw new Error('the facts have no service')
const { queue } = facts.service
const problem = { kind: HOSTILE, stops: 'all', text: HOSTILE, remedy: HOSTILE }

/** The answers of the stranger, by path. */
const ANSWERS: Record<string, unknown> = {
  '/api/v1/metrics/queue': {
    ...queue,
    backpressure: { ...queue.backpressure, circuitState: HOSTILE },
    workers: { ...queue.workers, problems: [problem] }
  },
  '/api/v1/metrics/prometheus': '',
  '/api/v1/health/liveness': {},
  '/api/v1/dead-letters': { deadLetters: [deadLetter] },
  '/api/v1/dead-letters/a': deadLetter,
  '/api/v1/dead-letters/replays': { replays: [replay] },
  '/api/v1/dead-letters/replay': replay
}

const REFUSAL = { detail: HOSTILE, errors: [{ field: HOSTILE, message: HOSTILE }] }

async function startStranger (): Promise<{ SPILLWAY_URL: string }> {
  const server = createServer((request, reply) => {
    const path = request.url?.split('?', 1)[0] as string
    const answer = ANSWERS[path]
    reply.statusCode = answer === undefined ? 400 : 200
    reply.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? REFUSAL))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { SPILLWAY_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/**
 * The parts that do not count as hostile: line breaks, the colours of our own and the sequence of the progress line.
 */
const OWN = ['\n', '\r\u001B[K', ...[1, 2, 22, 31, 32, 33, 36, 39].map((code) => `\u001B[${code}m`)]
const withoutOwn = (text: string) => OWN.reduce((rest, own) => rest.replaceAll(own, ''), text)

t.test('no command prints what steers a terminal', async (t) => {
  const env = await startStranger()
  const lines = `${JSON.stringify({ type: 'a', payload: 1 })}\n${HOSTILE}\n`
  const table = [
    ['status'],
    ['drain', '--timeout', '0.1'],
    ['dead-letters', 'list'],
    ['dead-letters', 'show', 'a'],
    ['dead-letters', 'show', HOSTILE],
    ['dead-letters', 'replays'],
    ['dead-letters', 'replay', '--all'],
    ['dead-letters', 'cancel', 'a'],
    ['send', '-'],
    ['send', HOSTILE],
    ['doctor'],
    [HOSTILE],
    ['status', `--${HOSTILE}`]
  ]
  for (const command of table) {
    for (const args of [command, [...command, '--json']]) {
      for (const isTTY of [true, false]) {
        const { out, err } = await runCli(args, { env, stdin: lines, isTTY })
        t.ok(out + err !== '', args.join(' '))
        const printed = withoutOwn(out + err)
        t.notMatch(printed, STEERING, `${command[0]?.slice(0, 1)} ${command[1]?.slice(0, 1)} ${args.length} ${isTTY}`)
      }
    }
  }
  t.match((await runCli(['dead-letters', 'show', 'a', '--json'], { env })).json(), deadLetter, 'JSON says the same')
})

t.test('commands print by say, tell and sayJson alone', async (t) => {
  const own = new Set(['main.ts', 'program.ts', 'progress.ts'])
  const others = globSync('**/*.ts', { cwd: CLI }).filter((path) => !own.has(path))
  const writes = others.flatMap((path) =>
    [...readFileSync(join(CLI, path), 'utf8').matchAll(/\.write\(([^)]*)\)/g)].map(([, text]) => `${path}: ${text}`)
  )
  t.strictSame(writes, ['watch.ts: NEW_SCREEN'])
})
