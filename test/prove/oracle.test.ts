import t from 'tap'
import { Oracle } from '../../prove/oracle.ts'

const NONE = { posted: 0, acknowledged: 0, handled: 0, lost: 0, duplicated: 0, refused: 0, unpromised: 0 }
const ORIGIN = { form: 'array', identity: 'key', bias: 'none' } as const

function posted (count: number): Oracle {
  const oracle = new Oracle()
  oracle.post(count, ORIGIN, 0, 0)
  return oracle
}

t.test('a promise is missing until the event has arrived', async (t) => {
  const oracle = posted(3)
  oracle.acknowledge(0, 'queued', 1)
  oracle.acknowledge(1, 'synced', 1)
  t.equal(oracle.missing, 2)
  oracle.handle(0, 0, 2)
  t.equal(oracle.missing, 1)
  t.strictSame(oracle.total(), { ...NONE, posted: 3, acknowledged: 2, handled: 1, lost: 1 })
  t.strictSame(oracle.losses(10), [{ sequence: 1, level: 'synced', postedAtMs: 0, acknowledgedAtMs: 1, injection: 0 }])
})

t.test('an event may arrive before its answer is read, or without one', async (t) => {
  const oracle = posted(2)
  oracle.handle(0, 0, 1)
  oracle.acknowledge(0, 'queued', 1)
  oracle.handle(1, 0, 1)
  t.equal(oracle.missing, 0)
  t.strictSame(oracle.total(), { ...NONE, posted: 2, acknowledged: 1, handled: 1, unpromised: 1 })
})

t.test('an event that was promised twice is one obligation, of the level named first', async (t) => {
  const oracle = posted(2)
  oracle.acknowledge(0, 'spooled', 1, 'a')
  oracle.acknowledge(0, 'queued', 2, 'b')
  oracle.acknowledge(1, undefined, 2)
  t.equal(oracle.missing, 2)
  t.equal(oracle.byLevel().get('spooled')?.acknowledged, 1)
  t.strictSame(oracle.answeredIds(0), ['a', 'b'])
  t.notOk(oracle.isLevelVague(0))
  t.ok(oracle.isLevelVague(1), 'no level was named')
})

t.test('what the consumer refused is no loss until it is replayed', async (t) => {
  const oracle = posted(2)
  oracle.acknowledge(0, 'queued', 1)
  oracle.refuse(0)
  oracle.refuse(1)
  oracle.acknowledge(1, 'queued', 1)
  t.equal(oracle.missing, 0)
  t.equal(oracle.total().refused, 2)
  oracle.replay(0)
  t.equal(oracle.missing, 1)
  t.strictSame(oracle.total(), { ...NONE, posted: 2, acknowledged: 2, refused: 1, lost: 1 })
  oracle.handle(0, 0, 5)
  t.equal(oracle.missing, 0)
  t.equal(oracle.fateOf(0), 'replayed')
})

t.test('knows the calls of an event that comes more than once', async (t) => {
  const oracle = posted(2)
  oracle.handle(0, 4, 1)
  oracle.handle(1, 4, 1)
  oracle.handle(0, 7, 2)
  oracle.handle(0, 9, 3)
  t.strictSame([...oracle.repeats], [[0, [4, 7, 9]]])
  t.equal(oracle.total().duplicated, 1)
  t.equal(oracle.handled, 2)
  t.equal(oracle.arrivals, 4)
})

t.test('tells apart the injections during which events were posted', async (t) => {
  const oracle = posted(2)
  oracle.post(3, ORIGIN, 1, 10)
  oracle.acknowledge(3, 'queued', 11)
  oracle.handle(3, 0, 12)
  t.strictSame(oracle.byInjection(), new Map([[0, { ...NONE, posted: 2 }], [1, { ...NONE, posted: 3, acknowledged: 1, handled: 1 }]]))
  for (const sequence of [-1, 5, 0.5, NaN]) t.notOk(oracle.isPosted(sequence))
})

t.test('remembers what it knew when it grows', async (t) => {
  const oracle = posted(2)
  oracle.acknowledge(0, 'synced', 3)
  oracle.handle(0, 0, 4)
  oracle.note(0, 'x', 3)
  for (let block = 0; block < 20; block++) oracle.post(10_000, { ...ORIGIN, form: 'stream' }, 8, 5)
  oracle.acknowledge(200_000, 'queued', 6)
  t.equal(oracle.posted, 200_002)
  t.equal(oracle.missing, 1)
  t.equal(oracle.attemptOf(0), 3)
  t.strictSame(oracle.originOf(0), ORIGIN)
  t.equal(oracle.originOf(200_000).form, 'stream')
  t.strictSame(oracle.losses(5), [{ sequence: 200_000, level: 'queued', postedAtMs: 5, acknowledgedAtMs: 6, injection: 8 }])
})
