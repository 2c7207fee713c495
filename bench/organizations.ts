/*
 * Prints what it costs to tell organizations apart. npm run bench:organizations [-- --count]
 *
 *   count    nanoseconds to count an event for fair shares and for the statement of its organization
 *   million  a real service with a worker: memory of the process and of the statements in Redis while a million
 *            organizations post one event each, against the same events of one organization, and the time until ten
 *            organizations that begin to post amid these are the first ten of the list
 *   keys     the same figures for one organization that posts with 200 keys
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../rig/eventually.ts'
import { makeFolder } from '../rig/folder.ts'
import { withOwner } from '../rig/owner.ts'
import { redisCommand } from '../rig/redis-command.ts'
import { startRedis, type RedisProcess } from '../rig/redis.ts'
import { startServer } from '../rig/spawned-server.ts'
import { eventOffer } from '../services/admission/offer.ts'
import { Usage } from '../services/organizations/usage.ts'
import { digestOfKey, newKey } from '../services/producer/key-text.ts'
import { QueueKeys } from '../services/queue/keys.ts'
import { StatementBook } from '../services/statements/statement-book.ts'
import { metric, postStream, print, ROOMY } from './service.ts'

const EVENTS = 1_000_000
const EVENTS_PER_CHUNK = 500
const OFFENDERS = Array.from({ length: 10 }, (_, index) => `offender-${index}`)
/** Each offender posts this many events, ten times a second. */
const EVENTS_PER_POST = 50
const KEYS = 200
const COUNTED = 2_000_000
const COMMAND_TIMEOUT_MS = 10_000

const statementKeys = new QueueKeys('spillway')

/** Texts of their own for each event, as a parser makes them. */
const textOf = (text: string) => Buffer.from(text).toString('latin1')

/** @param texts few enough to stay in the cache of the processor, as those of present events do */
function countEvents (title: string, texts: number, organizationOf: (event: number) => string): void {
  const names = Array.from({ length: texts }, (_, event) => textOf(organizationOf(event)))
  const offers = names.map((organizationId) => eventOffer({ type: 'telemetry-data', priority: 5, organizationId }))
  const usage = new Usage()
  const book = new StatementBook()
  const nanos = (count: (event: number) => void) => {
    const startedAt = performance.now()
    for (let event = 0; event < COUNTED; event++) {
      count(event % offers.length)
      // As often as a busy process reads the queue.
      if (event % 5_000 === 0) {
        usage.fade(100)
        book.tick(performance.now())
      }
    }
    return (performance.now() - startedAt) * 1e6 / COUNTED
  }
  const both: [name: string, count: (event: number) => void][] = [
    ['shares', (event) => usage.offered(offers[event]!)],
    ['statement', (event) => book.count(offers[event]!.organizationId, 'enqueued')]
  ]
  for (const [name, count] of both) {
    nanos(count)
    const each = Array.from({ length: 5 }, () => nanos(count)).toSorted((one, other) => one - other)
    print(`${title}: ${name}, ns per event, median of five`, each[2]!.toFixed(0))
  }
}

countEvents('one organization', 2_000, () => 'acme')
countEvents('a hundred that take turns', 2_000, (event) => `organization-${event % 100}`)
countEvents('ten thousand that take turns', 20_000, (event) => `organization-${event % 10_000}`)
countEvents('ids that never repeat', 200_000, (event) => `once-${event}`)

/** A service with a worker that discards, on a Redis of its own. */
async function measure (
  keys: Record<string, string>, work: (url: string, redis: RedisProcess) => Promise<void>
): Promise<void> {
  await withOwner(async (owner) => {
    const redis = await startRedis(owner)
    const { url } = await startServer(owner, {
      LOG_LEVEL: 'info', REDIS_URL: redis.url, WITHOUT_HANDLER: 'discard', IDEMPOTENCY_TTL_MS: '0', ...ROOMY, ...keys
    }, { isMeasured: true })
    await eventually('the service is ready', async () => (await fetch(`${url}/api/v1/health/readiness`)).ok)
    await work(url, redis)
  })
}

async function statementBytes ({ path }: RedisProcess): Promise<number> {
  const { statements, statementWeights, statementRanking } = statementKeys
  let bytes = 0
  for (const key of [statements, statementWeights, statementRanking]) {
    const reply = await redisCommand(path, `MEMORY USAGE ${key} SAMPLES 0`, COMMAND_TIMEOUT_MS)
    bytes += reply.startsWith(':') ? Number(reply.slice(1)) : 0
  }
  return bytes
}

function * stream (organizationOf: (event: number) => string): Generator<string> {
  for (let first = 0; first < EVENTS; first += EVENTS_PER_CHUNK) {
    let chunk = ''
    for (let event = first; event < first + EVENTS_PER_CHUNK; event++) {
      chunk += `{"type":"telemetry-data","organizationId":"${organizationOf(event)}","payload":{"temperature":21.5}}\n`
    }
    yield chunk
  }
}

const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1)

/** Posts the stream and prints the figures of memory; `beside` runs at the same time. */
async function post (
  title: string, url: string, redis: RedisProcess, organizationOf: (event: number) => string,
  beside: (isOver: () => boolean) => Promise<void> = async () => {}
): Promise<void> {
  const before = await metric(url, 'process_resident_memory_bytes')
  let most = before
  const watching = setInterval(async () => {
    most = Math.max(most, await metric(url, 'process_resident_memory_bytes').catch(() => 0))
  }, 200)
  let isOver = false
  const startedAt = performance.now()
  const cpuBefore = await metric(url, 'process_cpu_seconds_total')
  const [{ accepted }] = await Promise.all([
    postStream(url, stream(organizationOf)).finally(() => { isOver = true }), beside(() => isOver)
  ])
  clearInterval(watching)
  const seconds = (performance.now() - startedAt) / 1_000
  const cpu = await metric(url, 'process_cpu_seconds_total') - cpuBefore
  print(`${title}: events accepted in ${seconds.toFixed(0)} s`, accepted)
  print(`${title}: CPU of the process, µs per event`, (cpu * 1e6 / accepted).toFixed(1))
  print(`${title}: growth of the memory of the process, MiB`, mib(most - before))
  print(`${title}: statements in Redis, KiB`, (await statementBytes(redis) / 1_024).toFixed(0))
  const names = await redisCommand(redis.path, `ZCARD ${statementKeys.statementWeights}`, COMMAND_TIMEOUT_MS)
  print(`${title}: organizations with a statement`, names.slice(1))
}

/** Lets ten organizations begin to post a while after the flood, and prints when they are the first ten. */
async function offend (url: string, isOver: () => boolean): Promise<void> {
  await wait(3_000)
  if (isOver()) throw new Error('the flood was over before the offenders began; post more events')
  const startedAt = performance.now()
  let listedAfterMs: number | undefined
  while (!isOver() && listedAfterMs === undefined) {
    await Promise.all(OFFENDERS.map(async (organizationId) => {
      const event = { type: 'telemetry-data', organizationId, payload: 1 }
      const events = Array.from({ length: EVENTS_PER_POST }, () => event)
      const answer = await fetch(`${url}/api/v1/events/batch`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(events)
      })
      await answer.arrayBuffer()
    }))
    const { organizations } = await (await fetch(`${url}/api/v1/organizations?limit=10`)).json() as {
      organizations: readonly { organizationId: string }[]
    }
    const first = organizations.map(({ organizationId }) => organizationId).toSorted()
    if (first.join() === OFFENDERS.toSorted().join()) listedAfterMs = performance.now() - startedAt
    else await wait(100)
  }
  print('ten offenders among them: listed first after, seconds',
    listedAfterMs === undefined ? 'not while the flood lasted' : (listedAfterMs / 1_000).toFixed(1))
}

if (!process.argv.includes('--count')) {
  await measure({ ROLE: 'all' }, async (url, redis) =>
    post('a million events of one organization', url, redis, () => 'acme'))
  await measure({ ROLE: 'all' }, async (url, redis) =>
    post('a million organizations', url, redis, (event) => `once-${event}`, (isOver) => offend(url, isOver)))
  await withOwner(async (owner) => {
    const made = Array.from({ length: KEYS }, () => newKey())
    const path = join(await makeFolder(owner), 'keys.json')
    await writeFile(path, JSON.stringify(made.map(({ id, key }) => ({
      id, name: id, organizationId: 'acme', scopes: ['ingest', 'read'], sha256: digestOfKey(key)
    }))), { mode: 0o600 })
    await measure({ ROLE: 'all', API_KEYS_FILE: path }, async (url, own) => {
      await Promise.all(made.map(async ({ key }, index) => {
        const events = Array.from({ length: 100 }, () => ({ type: `type-${index}`, payload: 1 }))
        const answer = await fetch(`${url}/api/v1/events/batch`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': key },
          body: JSON.stringify(events)
        })
        await answer.arrayBuffer()
      }))
      const ask = async () => {
        const answer = await fetch(`${url}/api/v1/organizations`, { headers: { 'x-api-key': made[0]!.key } })
        const { organizations: [acme] } = await answer.json() as {
          organizations: readonly { ledger: { received: number } | null }[]
        }
        return acme?.ledger
      }
      const ledger = await eventually('all are booked', async () => {
        const shown = await ask()
        return shown?.received === KEYS * 100 && shown
      })
      print('one organization with 200 keys: events in its statement', ledger.received)
      print('one organization with 200 keys: statements in Redis, KiB', (await statementBytes(own) / 1_024).toFixed(1))
    })
  })
}
