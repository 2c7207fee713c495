/*
 * Posts twice as many events as a consumer can take, each with a deadline of some seconds, and counts what became of
 * them: delivered in time, delivered late, refused at admission, expired in the queue. Then the consumer gets five times
 * slower for a while. Starts a service with API and worker and a consumer on loopback; takes about a minute and a half.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../rig/consumer.ts'
import { withOwner } from '../rig/owner.ts'
import type { Ledger } from '../services/ledger/ledger.ts'
import { print, ROOMY, withService } from './service.ts'

const SLOTS = 4
const EVENTS_PER_POST = 100
const POST_INTERVAL_MS = 50
const FAST_MS_PER_EVENT = 4
const SLOW_MS_PER_EVENT = 20
const LEFT_MS = [2_000, 4_000, 8_000] as const
const PHASES = [['fast', FAST_MS_PER_EVENT, 30], ['slow', SLOW_MS_PER_EVENT, 15], ['fast again', FAST_MS_PER_EVENT, 15]] as const

interface Report { accepted: number, shed: number, wouldExpire?: number }
type Counts = Record<'posted' | 'accepted' | 'refused' | 'shed' | 'delivered' | 'late', number>

const counts: Counts = { posted: 0, accepted: 0, refused: 0, shed: 0, delivered: 0, late: 0 }
let msPerEvent: number = FAST_MS_PER_EVENT

await withOwner(async (owner) => {
  const consumer = await startConsumer(owner, { keepsCalls: false })
  consumer.answer = ({ body }, reply) => {
    const now = Date.now()
    const events = JSON.parse(body) as { expirytime: string }[]
    counts.delivered += events.length
    counts.late += events.filter(({ expirytime }) => Date.parse(expirytime) < now).length
    setTimeout(() => reply.end(), msPerEvent * events.length)
  }
  const keys = {
    ...ROOMY, ROLE: 'all', DELIVERY_URL: consumer.url, RULE_ENGINE_WORKER_CONCURRENCY: String(SLOTS),
    BATCH_MAX_EVENTS: '50'
  }
  await withService(keys, async (url) => {
    let before = { ...counts, expired: 0 }
    for (const [phase, ms, seconds] of PHASES) {
      msPerEvent = ms
      await load(url, seconds * 1_000)
      const now = { ...counts, expired: await expiredIn(url) }
      show(`${phase}, ${seconds} s`, now, before)
      before = now
    }
    await emptied(url)
    show('all, after the queue is empty', { ...counts, expired: await expiredIn(url) })
  })
})

async function load (url: string, forMs: number): Promise<void> {
  const posts: Promise<void>[] = []
  for (const end = performance.now() + forMs; performance.now() < end;) {
    posts.push(post(url))
    await wait(POST_INTERVAL_MS)
  }
  await Promise.all(posts)
}

async function post (url: string): Promise<void> {
  const events = Array.from({ length: EVENTS_PER_POST }, () => {
    const leftMs = LEFT_MS[counts.posted++ % LEFT_MS.length] as number
    return { type: 'x', payload: null, expiresAt: new Date(Date.now() + leftMs).toISOString() }
  })
  const answer = await fetch(`${url}/api/v1/events/batch`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(events)
  })
  const { accepted, shed, wouldExpire = 0 } = await answer.json() as Report
  counts.accepted += accepted
  counts.shed += shed
  counts.refused += wouldExpire
}

async function ledgerOf (url: string): Promise<{ queue: Record<string, Record<keyof Ledger['queue'] | 'pending', number>> }> {
  return await (await fetch(`${url}/api/v1/metrics/ledger`)).json() as Awaited<ReturnType<typeof ledgerOf>>
}

async function expiredIn (url: string): Promise<number> {
  return (await ledgerOf(url)).queue.normal?.expired ?? NaN
}

async function emptied (url: string): Promise<void> {
  while ((await ledgerOf(url)).queue.normal?.pending !== 0) await wait(POST_INTERVAL_MS)
}

function show (
  when: string, now: Counts & { expired: number }, before: Partial<Counts & { expired: number }> = {}
): void {
  const since = (name: keyof typeof now) => now[name] - (before[name] ?? 0)
  const missed = since('refused') + since('expired')
  print(
    `${when}: posted, delivered, late, refused, expired, shed`,
    (['posted', 'delivered', 'late', 'refused', 'expired', 'shed'] as const).map(since).join(', ')
  )
  print(`${when}: share of the missed deadlines that admission refused`, `${(100 * since('refused') / missed).toFixed(1)} %`)
}
