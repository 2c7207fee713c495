import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { findProgram } from '../../rig/find-program.ts'
import { eventually } from '../../rig/eventually.ts'
import { freePort } from '../../rig/free-port.ts'
import type { Owner } from '../../rig/owner.ts'

/** A series of an answer, with its value as text: NaN and Inf are values too. */
export interface Sample {
  metric: Record<string, string>
  value: [at: number, value: string]
}

const STARTS = 3

const isInstalled = (program: string) => findProgram(program) !== undefined

/**
 * Why tests that need prometheus and promtool are left out; false where both are there, and in CI, where they have to
 * be.
 */
export const isMissing = process.env.CI === 'true' || (isInstalled('prometheus') && isInstalled('promtool'))
  ? false
  : 'needs prometheus and promtool: apt-get install prometheus'

/** Runs promtool; rejects with what it says when it finds fault. */
export async function promtool (...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('promtool', args)
  return stdout + stderr
}

/** A real Prometheus of its own for one test; it ends, and its files go, with the test. */
export class PrometheusServer {
  readonly url: string

  constructor (url: string) { this.url = url }

  /** Starts one with this configuration and these rules, and waits until it is ready. */
  static async start (t: Owner, config: object, rules: object): Promise<PrometheusServer> {
    const folder = await mkdtemp(join(tmpdir(), 'spillway-prometheus-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'rules.yml'), stringify(rules))
    await writeFile(join(folder, 'prometheus.yml'), stringify({ ...config, rule_files: ['rules.yml'] }))
    for (let starts = 1; ; starts++) {
      try {
        return await run(t, folder)
      } catch (error) {
        // Another program may have the port that was free a moment ago.
        if (starts === STARTS) throw error
      }
    }
  }

  /** The `data` of an answer of the HTTP API; throws with its error where it is not a success. */
  async get<Data> (path: string, parameters: Record<string, string> = {}): Promise<Data> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`)
    const answer = await response.json() as { status: string, data: Data, error?: string }
    if (answer.status !== 'success') throw new Error(`${answer.error} in ${Object.values(parameters).join(', ')}`)
    return answer.data
  }

  async query (expression: string): Promise<Sample[]> {
    return (await this.get<{ result: Sample[] }>('query', { query: expression })).result
  }
}

async function run (t: Owner, folder: string): Promise<PrometheusServer> {
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=warn'
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output = `${output}${text}`.slice(-2_000) })
  const state = { hasEnded: false }
  const ended = new Promise<void>((resolve) => {
    const end = (reason: string) => {
      output += `\n${reason}`
      state.hasEnded = true
      resolve()
    }
    child.once('error', (error) => end(error.message))
    child.once('close', (code, signal) => end(`${code ?? signal}`))
  })
  const kill = () => { child.kill('SIGKILL') }
  // A test that is cut short must not leave it behind.
  process.once('exit', kill)
  t.teardown(async () => {
    kill()
    await ended
    process.removeListener('exit', kill)
  })
  const server = new PrometheusServer(`http://${address}`)
  await eventually(
    'Prometheus is ready or has ended',
    async () => state.hasEnded || (await fetch(`${server.url}/-/ready`)).ok
  )
  if (state.hasEnded) throw new Error(`prometheus ended: ${output}`)
  return server
}
