import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { randomOf } from '../../rig/random.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer, type SpawnedServer } from '../../rig/spawned-server.ts'

const OUTCOMES = [
  'enqueued', 'spooled', 'duplicate', 'shed', 'wouldExpire', 'quota', 'forbidden', 'invalid', 'sampled'
] as const

type Outcome = (typeof OUTCOMES)[number]
type Counts = Record<Outcome, number>

const ORGANIZATIONS = ['acme', 'globex', 'initech', 'umbrella']
const SEEDS = [1, 2]

/** The answers of the service to events, by organization. */
class Answers {
  readonly #byOrganization = new Map<string, Counts>()

  count (organizationId: string, outcome: Outcome): void {
    const counts = this.of(organizationId)
    counts[outcome]++
    this.#byOrganization.set(organizationId, counts)
  }

  of (organizationId: string): Counts {
    return this.#byOrganization.get(organizationId) ??
      Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Counts
  }
}

const STATUS_OUTCOMES: Readonly<Record<string, Outcome>> = {
  accepted: 'enqueued', duplicate: 'duplicate', quota: 'quota'
}

/** Posts a batch of events of random organizations, some of them with an id that came before. */
async function postSome ({ url }: SpawnedServer, random: () => number, answers: Answers, first: number): Promise<void> {
  const events = Array.from({ length: 1 + Math.floor(random() * 30) }, (_, index) => ({
    type: 'x',
    payload: index,
    organizationId: ORGANIZATIONS[Math.floor(random() ** 2 * ORGANIZATIONS.length)] as string,
    ...(random() < 0.3 && { id: `id-${first}-${Math.floor(random() * 5)}` })
  }))
  const answer = await fetch(`${url}/api/v1/events/batch`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(events)
  })
  const { results } = await answer.json() as { results: readonly { index: number, status: string }[] }
  for (const { index, status } of results) {
    answers.count(events[index]?.organizationId as string, STATUS_OUTCOMES[status] as Outcome)
  }
}

interface Listed {
  readonly organizationId: string
  readonly ledger: Counts & { readonly since: string, readonly received: number }
}

async function statementsAt ({ url }: SpawnedServer): Promise<ReadonlyMap<string, Listed['ledger']>> {
  const answer = await fetch(`${url}/api/v1/organizations`)
  const { organizations } = await answer.json() as { organizations: readonly Listed[] }
  return new Map(organizations.map(({ organizationId, ledger }) => [organizationId, ledger]))
}

/** Returns what the ledger of all processes has booked, by outcome. */
async function ledgerAt ({ url }: SpawnedServer): Promise<(outcome: Outcome) => number> {
  const page = await (await fetch(`${url}/api/v1/metrics/prometheus`)).text()
  return (outcome) => {
    const name = `spillway_ledger_${outcome === 'wouldExpire' ? 'would_expire' : outcome}_total`
    return page.split('\n').filter((line) => line.startsWith(`${name}{`))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0)
  }
}

const sum = (counts: Counts) => OUTCOMES.reduce((total, outcome) => total + counts[outcome], 0)

t.test('statements add up, with what producers were answered, and after a replica was killed', async (t) => {
  const redis = await startRedis(t)
  for (const seed of SEEDS) {
    const random = randomOf(seed, 'traffic')
    const env = { REDIS_URL: redis.url, ROLE: 'api', NAMESPACE: `statements-${seed}`, LOG_LEVEL: 'info' }
    const [survivor, victim] = [await startReadyServer(t, env), await startReadyServer(t, env)]
    const quotas = { organizations: { acme: { eventsPerSecond: 0.01, burst: 40 } } }
    await fetch(`${survivor.url}/api/v1/settings`, {
      method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ quotas })
    })
    const answers = new Answers()
    for (let post = 0; post < 20; post++) await postSome(random() < 0.5 ? survivor : victim, random, answers, post)
    const agrees = (statements: Awaited<ReturnType<typeof statementsAt>>) => ORGANIZATIONS.every((id) =>
      OUTCOMES.every((outcome) => (statements.get(id)?.[outcome] ?? 0) === answers.of(id)[outcome]))
    const before = await eventually('statements say what producers were answered', async () => {
      const statements = await statementsAt(survivor)
      return agrees(statements) && statements
    })
    await eventually('the ledger of the service says the same', async () => {
      const series = await ledgerAt(survivor)
      return OUTCOMES.every((outcome) =>
        [...before.values()].reduce((total, counts) => total + counts[outcome], 0) === series(outcome))
    })

    // Nobody knows how much of it the victim books.
    const doomed = new Answers()
    const posts = Array.from({ length: 10 }, (_, post) =>
      postSome(victim, random, doomed, 100 + post).catch(() => {}))
    await posts[Math.floor(random() * posts.length)]
    await victim.kill('SIGKILL')
    await Promise.all(posts)
    for (let post = 0; post < 10; post++) await postSome(survivor, random, answers, 200 + post)
    // A process that stops books everything.
    t.equal((await survivor.kill('SIGTERM')).code, 0)
    const next = await startReadyServer(t, env)
    const after = await statementsAt(next)
    for (const [id, statement] of after) {
      t.equal(sum(statement), statement.received, `${id} adds up, seed ${seed}`)
      t.equal(statement.since, before.get(id)?.since ?? statement.since, 'and is the same statement')
      for (const outcome of OUTCOMES) t.ok(statement[outcome] >= answers.of(id)[outcome], `${id} ${outcome}`)
    }

    const exact = new Answers()
    for (let post = 0; post < 5; post++) await postSome(next, random, exact, 300 + post)
    t.equal((await next.kill('SIGTERM')).code, 0)
    const last = await startReadyServer(t, env)
    const ended = await statementsAt(last)
    for (const id of ORGANIZATIONS) {
      t.equal((ended.get(id)?.received ?? 0) - (after.get(id)?.received ?? 0), sum(exact.of(id)), `${id}, seed ${seed}`)
    }
    await last.kill('SIGKILL')
  }
})
