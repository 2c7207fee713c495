import t from 'tap'
import { OrganizationFigures } from '../../../services/statements/organization-figures.ts'
import { StatementStore } from '../../../services/statements/statement-store.ts'
import { FIELD_INDEX, newTally } from '../../../services/statements/tally.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startQueue } from '../queue/setup.ts'

const SETTINGS = { quotas: { organizations: { quiet: { weight: 2 } } } }

const redis = await startRedis(t)
const { connection, queue } = await startQueue(t, redis)
const store = new StatementStore({ redis: connection, keys: queue.keys, repair: queue.repair })
const figures = new OrganizationFigures({
  store, now: () => Date.now(), circumstances: () => ({ settings: SETTINGS, fairShares: undefined, queued: 10 })
})

function tallyOf (enqueued: number) {
  const tally = newTally()
  tally[FIELD_INDEX.enqueued] = enqueued
  return tally
}

t.test('the others are without a statement until something is booked for them', async (t) => {
  t.match(await figures.list(10, undefined), { organizations: [], others: { offeredPerSecond: 0, ledger: null } })
  await store.book(() => ({
    named: ['acme', 'globex'].map((organizationId, index) =>
      ({ organizationId, tally: tallyOf(20 - index), ageMs: 1_000_000 })),
    others: tallyOf(7)
  }))
  const { organizations, others } = await figures.list(10, undefined)
  t.strictSame(organizations.map(({ organizationId }) => organizationId), ['acme', 'globex'])
  t.match(others, { ledger: { received: 7, enqueued: 7 } })
  t.ok((others?.offeredPerSecond ?? 0) > 0)
  t.equal((await figures.list(1, undefined)).organizations.length, 1)
})

t.test('a producer of an organization gets its own alone, with a statement or without', async (t) => {
  t.match(await figures.list(10, 'globex'), { organizations: [{ organizationId: 'globex', ledger: { received: 19 } }] })
  t.match(await figures.list(10, 'new'), { organizations: [{ organizationId: 'new', ledger: null }] })
  t.notOk('others' in await figures.list(10, 'globex'))
  t.equal(await figures.get('acme', 'globex'), undefined)
  t.match(await figures.get('new', 'new'), { organizationId: 'new', ledger: null })
})

t.test('an organization is known by its statement or by its values in the settings', async (t) => {
  t.match(await figures.get('acme', undefined), { ledger: { received: 20 }, queued: 10 })
  t.match(await figures.get('quiet', undefined), { ledger: null, weight: 2 })
  t.equal(await figures.get('unknown', undefined), undefined)
})
