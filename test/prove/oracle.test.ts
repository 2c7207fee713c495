import t from 'tap'
import { Oracle } from '../../prove/oracle.ts'

const NONE = { posted: 0, acknowledged: 0, handled: 0, lost: 0, duplicated: 0, unpromised: 0 }

t.test('a promise is missing until the event has arrived', async (t) => {
  const oracle = new Oracle()
  t.equal(oracle.post(3, 0, 0), 0)
  oracle.acknowledge(0, 'queued', 1)
  oracle.acknowledge(1, 'synced', 1)
  t.equal(oracle.missing, 2)
  oracle.handle(0, 0, false)
  t.equal(oracle.missing, 1)
  t.strictSame(oracle.total(), { ...NONE, posted: 3, acknowledged: 2, handled: 1, lost: 1 })
  t.strictSame(oracle.losses(10), [{ sequence: 1, level: 'synced', postedAtMs: 0, acknowledgedAtMs: 1, injection: 0 }])
})

t.test('an event may arrive before its answer is read', async (t) => {
  const oracle = new Oracle()
  oracle.post(1, 0, 0)
  oracle.handle(0, 0, false)
  t.equal(oracle.missing, 0)
  oracle.acknowledge(0, 'queued', 1)
  t.equal(oracle.missing, 0)
  t.strictSame(oracle.total(), { ...NONE, posted: 1, acknowledged: 1, handled: 1 })
})

t.test('an event that was promised twice is one obligation, of the level named first', async (t) => {
  const oracle = new Oracle()
  oracle.post(1, 0, 0)
  oracle.acknowledge(0, 'spooled', 1)
  oracle.acknowledge(0, 'queued', 2)
  t.equal(oracle.missing, 1)
  t.equal(oracle.byLevel().get('spooled')?.acknowledged, 1)
  t.equal(oracle.byLevel().get('queued')?.acknowledged, 0)
})

t.test('what arrives without a promise is neither an obligation nor an error', async (t) => {
  const oracle = new Oracle()
  oracle.post(2, 0, 0)
  t.ok(oracle.handle(1, 0, false))
  t.strictSame(oracle.total(), { ...NONE, posted: 2, unpromised: 1 })
})

t.test('knows what was never posted', async (t) => {
  const oracle = new Oracle()
  oracle.post(2, 0, 0)
  for (const sequence of [-1, 2, 0.5, NaN]) t.notOk(oracle.handle(sequence, 0, false), String(sequence))
})

t.test('an event that comes three times is duplicated once, by the first fault from its first arrival on', async (t) => {
  const oracle = new Oracle()
  oracle.post(3, 0, 0)
  // Before the first injection; comes again in the second.
  oracle.handle(0, 0, false)
  oracle.handle(0, 2, true)
  oracle.handle(0, 2, true)
  // During the second injection, and again during it.
  oracle.handle(1, 2, true)
  oracle.handle(1, 2, true)
  t.equal(oracle.total().duplicated, 2)
  t.strictSame([...oracle.duplicates], [[1, 1], [2, 1]])
})

t.test('an event that comes again without a fault in between is blamed on none', async (t) => {
  const oracle = new Oracle()
  oracle.post(1, 0, 0)
  oracle.handle(0, 3, false)
  oracle.handle(0, 3, false)
  t.strictSame([...oracle.duplicates], [[0, 1]])
})

t.test('tells apart the injections during which events were posted', async (t) => {
  const oracle = new Oracle()
  oracle.post(2, 0, 0)
  oracle.post(3, 1, 10)
  oracle.acknowledge(3, 'queued', 11)
  oracle.handle(3, 0, false)
  t.strictSame(oracle.byInjection(), new Map([[0, { ...NONE, posted: 2 }], [1, { ...NONE, posted: 3, acknowledged: 1, handled: 1 }]]))
})

t.test('remembers what it knew when it grows', async (t) => {
  const oracle = new Oracle()
  oracle.post(2, 7, 0)
  oracle.acknowledge(0, 'synced', 3)
  oracle.handle(0, 0, false)
  for (let block = 0; block < 20; block++) oracle.post(10_000, 8, 5)
  oracle.acknowledge(200_000, 'queued', 6)
  t.equal(oracle.posted, 200_002)
  t.equal(oracle.missing, 1)
  t.strictSame(oracle.byInjection().get(7), { ...NONE, posted: 2, acknowledged: 1, handled: 1 })
  t.strictSame(oracle.losses(5), [{ sequence: 200_000, level: 'queued', postedAtMs: 5, acknowledgedAtMs: 6, injection: 8 }])
})
