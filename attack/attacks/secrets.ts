import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { eventually } from '../../rig/eventually.ts'
import { startChild } from '../../rig/process/child.ts'
import { redisCommand } from '../../rig/redis-command.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import { routesOf, type OpenApi } from '../fuzz/requests.ts'
import type { KeyRing } from '../key-ring.ts'
import { COMMANDS, misplacing, STATUSES } from '../requests/revealing.ts'
import { REDIS_USER } from '../target.ts'

const CLI = join(import.meta.dirname, '../../cli/spillway.mjs')
const COMMAND_TIMEOUT_MS = 10_000
/** Seconds of the dashboard to follow. */
const FOLLOWED = 2
/** Methods of routes that would end what the other requests need. */
const ENDING = new Set(['DELETE', 'PUT'])

export default {
  description:
    'every secret in play, searched for in the output at level trace, all answers, the dashboard, files and commands',
  hasKeys: true,
  env: {
    LOG_LEVEL: 'trace', EVENT_ATTEMPTS: '2', RETRY_BACKOFF_MS: '1', DELIVERY_TIMEOUT_MS: '2000',
    DELIVERY_MAX_DEFERRALS: '2'
  },
  // The log is written synchronously, and Redis refuses the password of the service for a while.
  mostTurnMs: 250,
  leastAccepted: 0,
  run: async (scene) => {
    const { target, report, owner, amount } = scene
    const keys = target.keys as KeyRing
    const token = target.operator.slice('Bearer '.length)
    let requests = 0
    const asks = (asked: Parameters<typeof ask>[1]) => {
      requests++
      return ask(scene, asked)
    }
    target.consumer.answer = ({ headers, body }, reply) => {
      const [{ type }] = JSON.parse(body) as [{ type: string }]
      const words = type === 'good' ? '' : JSON.stringify({ headers, body })
      reply.writeHead(STATUSES[type] ?? 200, { 'retry-after': '0' }).end(words)
    }
    const document = JSON.parse((await asks({ path: '/openapi.json', as: target.operator })).body) as OpenApi
    const rounds = amount(1, 20)
    for (let round = 0; round < rounds; round++) {
      for (const { key } of Object.values(keys)) await postAll(key)
      for (const { method, path } of routesOf(document)) {
        for (const as of [target.operator, keys.attacker.key, keys.sender.key, undefined]) {
          await asks({
            method: ENDING.has(method) ? 'GET' : method, path: path.replaceAll(/\{\w+\}/g, 'x'), as,
            ...method === 'POST' && { body: '{' }
          })
        }
      }
      for (const secret of [keys.attacker.key, token]) await misplace(secret)
    }
    await follow()
    for (const args of COMMANDS) {
      await command(args, { SPILLWAY_TOKEN: token, SPILLWAY_KEY: keys.attacker.key })
      await command(args, { SPILLWAY_KEY: keys.sender.key })
    }
    await command(['status', '--url', `http://x:${keys.sender.key}@127.0.0.1:${target.port}`], {})
    await loseRedis()
    return requests

    async function postAll (key: string): Promise<void> {
      for (const type of Object.keys(STATUSES))
        await asks({ path: '/api/v1/events', method: 'POST', as: key, body: { type, payload: 1 } })
    }

    /** The answers go to the client alone, so they may repeat what it sent. */
    async function misplace (secret: string): Promise<void> {
      for (const { path, headers } of misplacing(secret)) {
        requests++
        await (await fetch(target.url + path, { headers })).arrayBuffer()
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
      const address = args.includes('--url') ? [] : ['--url', target.url]
      const { child } = startChild({
        command: process.execPath, args: [CLI, ...args, ...address], env, stdio: ['ignore', 'pipe', 'pipe']
      })
      const streams = [child.stdout, child.stderr] as NodeJS.ReadableStream[]
      const printed = (await Promise.all(streams.map((stream) => text(stream)))).join('')
      if (printed === '') report('breach', `spillway ${args.join(' ')} printed nothing`)
      if (target.secrets.some((secret) => printed.includes(secret)))
        report('secret', `spillway ${args.slice(0, 2).join(' ')}`)
    }

    /** Redis refuses the password for a while: what fails then holds the command with which the service presents it. */
    async function loseRedis (): Promise<void> {
      const order = (line: string) => redisCommand(target.redis.path, line, COMMAND_TIMEOUT_MS)
      await order(`ACL SETUSER ${REDIS_USER} resetpass >other`)
      await order(`CLIENT KILL USER ${REDIS_USER}`)
      const isReady = async () => (await fetch(`${target.url}/api/v1/health/readiness`)).status === 200
      await eventually('the service misses Redis', async () => !await isReady())
      await postAll(keys.attacker.key)
      await order(`ACL SETUSER ${REDIS_USER} resetpass >${target.redisPassword}`)
      await eventually('the service is back', isReady)
    }
  }
} satisfies Attack
