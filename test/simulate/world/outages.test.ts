import t from 'tap'
import { run, tinyWorld } from '../tiny-world.ts'

const OUTAGE = {
  source: { pattern: 'constant', eventsPerSecond: 50, seconds: 120 },
  load: 0.4,
  outages: [{ atMs: 20_000, forMs: 20_000 }],
  mostOffers: 1_000
} as const

t.test('nothing gets in while the queue is away, whatever its class, and nothing is lost for that', async (t) => {
  for (const name of ['static', 'adaptive', 'codel']) {
    const { counts, criticalLost } = run(await tinyWorld(OUTAGE, 100_000), name).figures
    t.ok(counts.shed >= 20 * 50, `${name}: ${counts.shed} refusals`)
    t.equal(criticalLost, 0)
    t.equal(counts.done, counts.events)
  }
})

t.test('a producer that waits holds its later events back', async (t) => {
  const each = run(await tinyWorld({ ...OUTAGE, clients: ['exact'] }, 100_000), 'static').figures
  const held = run(await tinyWorld({ ...OUTAGE, clients: ['exact'], producers: 10 }, 100_000), 'static').figures
  // Ten producers whose waits grow with the outage of 20 s.
  t.ok(held.counts.shed >= 40 && held.counts.shed <= 150, `${held.counts.shed} refusals`)
  t.ok(each.counts.shed > 15 * held.counts.shed, 'events of their own come back each')
  t.equal(held.counts.done, held.counts.events, 'all of them get in after it')
})

t.test('a hint moves only the clients that honour it', async (t) => {
  const offered = async (client: string, hint: 'own' | 'none' | 'fixed' | 'jittered') =>
    run(await tinyWorld({ ...OUTAGE, clients: [client], hint, producers: 10 }, 100_000), 'static').figures.counts.offered
  for (const name of ['backoff', 'immediate', 'none']) t.equal(await offered(name, 'fixed'), await offered(name, 'own'))
  t.equal(await offered('exact', 'none'), await offered('backoff', 'none'), 'without a hint it waits by itself')
  t.ok(await offered('exact', 'fixed') < await offered('exact', 'own'), '30 s in place of 1 to 20')
})

t.test('recovery lasts until the last producer has got in', async (t) => {
  const recovery = async (hint: 'own' | 'fixed') => run(await tinyWorld({
    ...OUTAGE, clients: ['exact'], producers: 10, hint, load: 0.1
  }, 100_000), 'static').figures.recoverySeconds
  const [own, fixed] = [await recovery('own'), await recovery('fixed')]
  t.ok(own <= 20 && own > 0, `${own} s`)
  t.ok(fixed >= 8 && fixed <= 30, `asked in the outage to come back 30 s later: ${fixed} s`)
})

t.test('calls that begin in a time-out take as long and fail', async (t) => {
  const world = await tinyWorld({
    ...OUTAGE,
    source: { pattern: 'constant', eventsPerSecond: 1, seconds: 120 },
    outages: [],
    timeOuts: [{ atMs: 20_000, forMs: 60_000 }]
  }, 100_000)
  const { counts } = run({ ...world, timeOutMs: 1_000 }, 'static').figures
  t.ok(counts.dead >= 30 && counts.dead <= 90, `${counts.dead} dead after three attempts each`)
  t.equal(counts.done + counts.dead, counts.events)
})
