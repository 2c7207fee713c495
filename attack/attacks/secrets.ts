import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { eventually } from '../../rig/eventually.ts'
import { startChild } from '../../rig/process/child.ts'
import { redisCommand } from '../../rig/redis-command.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import { routesOf, type OpenApi } from '../fuzz/requests.ts'
import type { KeyRing } from '../key-ring.ts'
import { REDIS_USER } from '../target.ts'

const CLI = join(import.meta.dirname, '../../cli/spillway.mjs')
const COMMANDS = [
  ['status'], ['doctor'], ['settings', 'get'], ['keys', 'list'], ['keys', 'rotate', 'nobody'], ['tail', '--no-follow'], ['dead-letters', 'list'],
  ['send', '-', '--type', 'sent'], ['status', '--json'], ['nothing']
]
const COMMAND_TIMEOUT_MS = 10_000
/** Seconds of the dashboard to follow. */
const FOLLOWED = 2
/** Events by type, with the status that the consumer gives them; it repeats what it got. */
const STATUSES: Readonly<Record<string, number>> = { good: 200, dead: 422, failing: 500, slow: 429, listed: 207 }

export default {
  description: 'every secret in play, searched for in the output at level trace, all answers, the dashboard, files and commands',
  hasKeys: true,
  env: { LOG_LEVEL: 'trace', EVENT_ATTEMPTS: '2', RETRY_BACKOFF_MS: '1', DELIVERY_TIMEOUT_MS: '2000', DELIVERY_MAX_DEFERRALS: '2' },
  // The log is written synchronously, and Redis refuses the password of the service for a while.
  mostTurnMs: 250,
  leastAccepted: 0,
  run: async (scene) => {
    const { target, report, owner, amount } = scene
    const keys = target.keys as KeyRing
    let requests = 0
    const asks = (asked: Parameters<typeof ask>[1]) => {
      requests++
      return ask(scene, asked)
    }
    target.consumer.answer = ({ headers, body }, reply) => {
      const [{ type }] = JSON.parse(body) as [{ type: string }]
      reply.writeHead(STATUSES[type] ?? 200, { 'retry-after': '0' }).end(type === 'good' ? '' : JSON.stringify({ headers, body }))
    }
    const document = JSON.parse((await asks({ path: '/openapi.json', as: target.operator })).body) as OpenApi
    const rounds = amount(1, 20)
    for (let round = 0; round < rounds; round++) {
      for (const type of Object.keys(STATUSES)) {
        for (const { key } of Object.values(keys)) await asks({ path: '/api/v1/events', method: 'POST', as: key, body: { type, payload: 1 } })
      }
      for (const { method, path } of routesOf(document)) {
        for (const as of [target.operator, keys.attacker.key, keys.sender.key, undefined]) {
          const named = path.replaceAll(/\{\w+\}/g, 'x')
          await asks({ method: method === 'DELETE' || method === 'PUT' ? 'GET' : method, path: named, as, ...method === 'POST' && { body: '{' } })
        }
      }
      await misplace()
    }
    await follow()
    for (const args of COMMANDS) {
      await command(args, { SPILLWAY_TOKEN: target.operator.slice('Bearer '.length), SPILLWAY_KEY: keys.attacker.key })
      await command(args, { SPILLWAY_KEY: keys.sender.key })
    }
    await command(['status', '--url', `http://x:${keys.sender.key}@127.0.0.1:${target.port}`], {})
    await loseRedis()
    return requests

    /** A client may send its secret in a wrong place, which the log must not keep. The answer goes to the client alone. */
    async function misplace (): Promise<void> {
      for (const secret of [keys.attacker.key, target.operator.slice('Bearer '.length)]) {
        for (const path of [`/api/v1/events?key=${secret}`, `/${secret}`, `/api/v1/keys/${secret}`, `/api/v1/dead-letters?cursor=${secret}`]) {
          requests++
          await (await fetch(target.url + path, { headers: { 'x-api-key': `${secret}x`, authorization: `Basic ${secret}` } })).arrayBuffer()
        }
      }
    }

    async function follow (): Promise<void> {
      const ended = new AbortController()
      const answer = await fetch(`${target.url}/api/v1/dashboard/stream`, {
        headers: { authorization: target.operator }, signal: ended.signal
      })
      owner.teardown(() => ended.abort())
      let received = ''
      for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
        received += Buffer.from(chunk).toString()
        if (received.split('event: second').length > FOLLOWED) break
      }
      if (target.secrets.some((secret) => received.includes(secret))) report('secret', 'the stream of the dashboard')
    }

    async function command (args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
      const { child } = startChild({
        command: process.execPath, args: [CLI, ...args, ...args.includes('--url') ? [] : ['--url', target.url]], env, stdio: ['ignore', 'pipe', 'pipe']
      })
      const printed = await Promise.all([child.stdout, child.stderr].map((stream) => text(stream as NodeJS.ReadableStream)))
      if (printed.join('') === '') report('breach', `spillway ${args.join(' ')} printed nothing`)
      if (target.secrets.some((secret) => printed.join('').includes(secret))) report('secret', `spillway ${args[0]} ${args[1] ?? ''}`)
    }

    /** Redis refuses the password for a while: what fails then holds the command with which the service presents it. */
    async function loseRedis (): Promise<void> {
      const order = (line: string) => redisCommand(target.redis.path, line, COMMAND_TIMEOUT_MS)
      await order(`ACL SETUSER ${REDIS_USER} resetpass >other`)
      await order(`CLIENT KILL USER ${REDIS_USER}`)
      const isReady = async () => (await fetch(`${target.url}/api/v1/health/readiness`)).status === 200
      await eventually('the service misses Redis', async () => !await isReady())
      for (const type of Object.keys(STATUSES)) {
        await asks({ path: '/api/v1/events', method: 'POST', as: keys.attacker.key, body: { type, payload: 1 } })
      }
      await order(`ACL SETUSER ${REDIS_USER} resetpass >${target.redisPassword}`)
      await eventually('the service is back', isReady)
    }
  }
} satisfies Attack
