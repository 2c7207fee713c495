import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { StopReason } from '../../cli/exit-code.ts'
import { run } from '../../cli/program.ts'

export interface CliOptions {
  env?: Record<string, string>
  stdin?: string
  signal?: AbortSignal
  isTTY?: boolean
}

export interface CliOutcome {
  code: number
  out: string
  err: string
  /** The standard output as JSON. */
  json: () => Record<string, never>
}

/** Runs a command line in this process. */
export async function runCli (
  args: readonly string[],
  { env = {}, stdin = '', signal = new AbortController().signal, isTTY = false }: CliOptions = {}
): Promise<CliOutcome> {
  let [out, err] = ['', '']
  const code = await run(args, '1.2.3', {
    env, signal,
    stdin: (async function * () { yield Buffer.from(stdin) })(),
    out: { write: (text) => { out += text }, isTTY, columns: 80 },
    err: { write: (text) => { err += text }, isTTY, columns: 80 }
  })
  return { code, out, err, json: () => JSON.parse(out) as Record<string, never> }
}

/** Lets an app listen on a free port and answers the environment that leads a command to it. */
export async function listen (app: FastifyInstance): Promise<{ SPILLWAY_URL: string }> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  return { SPILLWAY_URL: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` }
}

/** Aborts as the entry does. */
export function stop (controller: AbortController, reason: StopReason = 'interrupted'): void {
  controller.abort(reason)
}
