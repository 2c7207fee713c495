import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import { makeFolder } from '../../../rig/folder.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startReadyServer, type SpawnedServer } from '../../../rig/spawned-server.ts'
import { sum } from '../../../services/admission/sum.ts'
import { lastLine, runServer } from '../../run-server.ts'

const PROCESSES = 2
const EVENTS = 20
const API = { ROLE: 'api', SPOOL_CLASSES: 'none', PROCESSES: String(PROCESSES) }

const json = async (url: string, init: RequestInit = {}) =>
  await (await fetch(url, { ...init, headers: { 'content-type': 'application/json', 'connection': 'close' } })).json()

async function startProcesses (t: Test): Promise<SpawnedServer> {
  const { url: REDIS_URL } = await startRedis(t)
  const server = await startReadyServer(t, { REDIS_URL, ...API })
  await eventually('all processes listen', () => server.log.some(({ event }) => event === 'processes-started'))
  return server
}

/** The pids of the processes of the fleet, once it has as many members as processes and none of the former ones. */
async function pidsOf ({ url }: SpawnedServer, former: readonly number[] = []): Promise<number[]> {
  return await eventually('all processes are in the fleet', async () => {
    const { members } = await json(`${url}/api/v1/fleet`) as { members: { pid: number }[] }
    const pids = members.map(({ pid }) => pid).toSorted((a, b) => a - b)
    return pids.length === PROCESSES && !pids.some((pid) => former.includes(pid)) && pids
  })
}

/** The first process that a running process has started. */
function childOf (parent: number): number | undefined {
  const [pid = ''] = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ')
  return pid === '' ? undefined : Number(pid)
}

function isAlive (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const post = ({ url }: SpawnedServer) =>
  json(`${url}/api/v1/events`, { method: 'POST', body: JSON.stringify({ type: 'x', payload: 1 }) })

t.test('processes share a port and tell their metrics apart, and a killed one is replaced', async (t) => {
  const server = await startProcesses(t)
  const pids = await pidsOf(server)
  t.notOk(pids.includes(server.pid), 'the supervisor serves nothing')
  for (let event = 0; event < EVENTS; event++) t.match(await post(server), { status: 'accepted' })
  const page = async () => await (await fetch(`${server.url}/api/v1/metrics/prometheus`)).text()
  await eventually('the page has all events', async () => {
    const found = [...(await page()).matchAll(/^spillway_admitted_total\{process="(\d)",priority_class="normal"\} (\d+)$/gm)]
    return found.length === PROCESSES && sum(found.map(([, , count]) => Number(count))) === EVENTS
  })
  t.match(await page(), /^spillway_processes\{process="supervisor"\} 2$/m)

  // A process that dies while the others ask for its page.
  const scrapes = Promise.allSettled(Array.from({ length: 20 }, page))
  process.kill(pids[0]!, 'SIGKILL')
  t.ok((await pidsOf(server, pids.slice(0, 1))).includes(pids[1]!), 'another one takes its place')
  t.ok((await scrapes).some(({ status }) => status === 'fulfilled'), 'the other one answers scrapes')
  t.match(server.log.filter(({ event }) => event === 'process-ended'), [{ process: /^[12]$/, signal: 'SIGKILL' }])
  for (let event = 0; event < PROCESSES; event++) t.match(await post(server), { status: 'accepted' })
  await eventually('the restart is counted', async () =>
    /^spillway_process_restarts_total\{process="supervisor"\} 1$/m.test(await page()))

  const last = await pidsOf(server)
  t.match(await server.kill('SIGTERM'), { code: 0 })
  t.strictSame(last.filter(isAlive), [], 'no process is left')
})

t.test('a fault of the configuration ends the start, and is said once', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => { taken.close() })
  const { port } = taken.address() as AddressInfo
  const redis = await startRedis(t)
  const env = { REDIS_URL: redis.url, DATA_DIR: join(redis.folder, 'data'), PROCESSES: String(PROCESSES) }
  const end = await runServer({ ...env, PORT: String(port) })
  t.equal(end.code, 1)
  t.match(lastLine(end), { err: { code: 'EADDRINUSE' } })
  t.equal(end.stdout.split('"event":"start-failed"').length, 2)
  const unknown = await runServer({ ...env, PROCESSES: '0' })
  t.match(unknown.stderr, /PROCESSES.*integer from 1 to 99, or max/)
})

t.test('a process that is killed before it listens ends the start, which says so', async (t) => {
  const { url: REDIS_URL } = await startRedis(t)
  const end = await runServer({ REDIS_URL, ...API, PORT: '0' }, [], (pid) => {
    void eventually('it starts another one', () => childOf(pid)).then((child) => process.kill(child, 'SIGKILL'))
  })
  t.equal(end.code, 1)
  t.match(lastLine(end), { event: 'start-failed', process: '1', signal: 'SIGKILL', msg: /SIGKILL before it listened/ })
})

t.test('a process that hangs is killed and replaced', async (t) => {
  const server = await startProcesses(t)
  const [hanging = 0, other = 0] = await pidsOf(server)
  process.kill(hanging, 'SIGSTOP')
  const { process: name } = await eventually('it is killed', () => server.log.find(({ event }) => event === 'process-hung'))
  t.ok((await pidsOf(server, [hanging])).includes(other), 'only this one')
  t.match(server.log.filter(({ event }) => event === 'process-ended'), [{ process: name, signal: 'SIGKILL' }])
  t.match(await post(server), { status: 'accepted' })
})

t.test('processes end with a supervisor that is killed', async (t) => {
  const server = await startProcesses(t)
  const pids = await pidsOf(server)
  await server.kill('SIGKILL')
  await eventually('they have ended', () => !pids.some(isAlive))
})

t.test('processes share an embedded Redis, which outlives each of them and ends with the supervisor', async (t) => {
  const server = await startReadyServer(t, { DATA_DIR: await makeFolder(t), ...API })
  await eventually('all processes listen', () => server.log.some(({ event }) => event === 'processes-started'))
  const of = (event: string) => server.log.filter((line) => line.event === event)
  t.strictSame(of('embedded-redis-started').map(({ pid }) => pid), [server.pid])
  t.equal(of('embedded-redis-borrowed').length, PROCESSES)
  const redisPid = Number(of('embedded-redis-started')[0]?.redisPid)
  const pids = await pidsOf(server)
  for (const pid of pids) process.kill(pid, 'SIGTERM')
  await pidsOf(server, pids)
  t.ok(isAlive(redisPid))
  t.match(await server.kill('SIGTERM'), { code: 0 })
  await eventually('Redis has ended', () => !isAlive(redisPid))
})
