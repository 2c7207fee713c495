import { join } from 'node:path'
import * as fc from 'fast-check'
import { text } from 'node:stream/consumers'
import { startChild } from '../../rig/process/child.ts'
import type { Attack } from '../attack.ts'
import { anyText } from '../fuzz/values.ts'
import { judgeAnswer, steeringIn } from '../judge.ts'
import { sendRaw } from '../send-raw.ts'

const CLI = join(import.meta.dirname, '../../cli/spillway.mjs')
const HOSTILE = [
  '\u001b[2J\u001b]0;owned\u0007', '\u009b31mred', 'a\r\n{"level":60,"event":"uncaught-error"}', '\u202egnp.exe', '\u2066x\u2069', '\b\b\bok',
  '<script>window.owned=1</script>', '"><img src=x onerror="window.owned=1">', "';window.owned=1//", '\u2028\u2029', '\u0085',
  'javascript:window.owned=1', '{{constructor.constructor("window.owned=1")()}}', '</script><svg onload=window.owned=1>'
]
/** Logs the type, the organization and the id of every event. */
const RULES_FILE = join(import.meta.dirname, '../log-everything.json')
/** Commands whose output shows texts of producers. */
const COMMANDS = [
  ['tail', '--no-follow', '--payload'], ['tail', '--no-follow'], ['dead-letters', 'list'], ['status'], ['settings', 'get']
]

export default {
  description: 'texts that forge log lines, steer terminals or are markup: log at level trace, command',
  env: { LOG_LEVEL: 'trace', EVENT_ATTEMPTS: '1', RULES_FILE },
  // The log is written synchronously, and at this level each request has several lines.
  mostTurnMs: 200,
  run: async ({ target, report, amount, seed }) => {
    target.consumer.answer = (call, reply) => { reply.writeHead(422).end(`${HOSTILE.join(' ')} ${call.body}`) }
    let count = 0
    const generated = fc.sample(anyText, { seed, numRuns: amount(1, 500) }).map((one) => one.toWellFormed())
    for (const value of [...HOSTILE, ...generated]) {
      for (const place of ['type', 'organizationId', 'id', 'payload', value]) {
        const body = JSON.stringify({ type: 'injected', payload: value, priority: 1, [place]: value })
        await post(`/api/v1/events?${encodeURIComponent(value)}`, body, value)
      }
      await post('/api/v1/datastreams', JSON.stringify({ deviceId: value, [value]: value }), value)
      await post(`/${encodeURIComponent(value)}`, '{}', value)
    }
    for (const args of COMMANDS) {
      const child = startChild({
        command: process.execPath, args: [CLI, ...args, '--url', target.url],
        env: { SPILLWAY_TOKEN: target.operator.slice('Bearer '.length) }, stdio: ['ignore', 'pipe', 'pipe']
      })
      const [stdout, stderr] = await Promise.all([
        text(child.child.stdout as NodeJS.ReadableStream), text(child.child.stderr as NodeJS.ReadableStream)
      ])
      const steering = steeringIn(stdout) ?? steeringIn(stderr)
      if (steering !== undefined) report('output', `spillway ${args.join(' ')}: ${steering}`)
      if (stdout === '') report('breach', `spillway ${args.join(' ')} printed nothing: ${stderr.slice(0, 200)}`)
      for (const secret of target.secrets) {
        if (stdout.includes(secret) || stderr.includes(secret)) report('secret', `spillway ${args.join(' ')}`)
      }
    }
    return count

    async function post (path: string, body: string, header: string): Promise<void> {
      // Fields hold bytes: the controls that end a request are left out, all others are sent.
      const field = Buffer.from(header.replaceAll(/[\r\n]/g, '')).toString('latin1')
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n` +
        `User-Agent: ${field}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
      for (const extra of ['', `X-Forwarded-For: ${field}\r\ntraceparent: ${field}\r\nIdempotency-Key: ${field}\r\n`]) {
        const request = Buffer.concat([Buffer.from(`${head}${extra}\r\n`, 'latin1'), Buffer.from(body)])
        const { answers } = await sendRaw(target.port, request)
        for (const answer of answers) {
          count++
          for (const { check, what } of judgeAnswer(answer, target.secrets, path)) report(check, what)
          if (/^content-type: text\/html/im.test(answer.head) && answer.body.includes('window.owned'))
            report('breach', `a page repeats markup: ${path}`)
        }
      }
    }
  }
} satisfies Attack
