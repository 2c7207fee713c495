import t from 'tap'
import { Checker } from '../../prove/checker.ts'

const NONE = {
  posted: 0, acknowledged: 0, handled: 0, lost: 0, duplicated: 0, refused: 0, expired: 0, damaged: 0, forgotten: 0,
  unpromised: 0
}
const ORIGIN = { form: 'array', identity: 'key', bias: 'none' } as const

function posted (count: number): Checker {
  const checker = new Checker()
  checker.post(count, ORIGIN, 0, 0)
  return checker
}

t.test('a promise is missing until the event has arrived', async (t) => {
  const checker = posted(3)
  checker.acknowledge(0, 'queued', 1)
  checker.acknowledge(1, 'synced', 1)
  t.equal(checker.missing, 2)
  checker.handle(0, 0, 2)
  t.equal(checker.missing, 1)
  t.strictSame(checker.total(), { ...NONE, posted: 3, acknowledged: 2, handled: 1, lost: 1 })
  t.strictSame(checker.losses(10), [{ sequence: 1, level: 'synced', postedAtMs: 0, acknowledgedAtMs: 1, injection: 0 }])
})

t.test('an event may arrive before its answer is read, or without one', async (t) => {
  const checker = posted(2)
  checker.handle(0, 0, 1)
  checker.acknowledge(0, 'queued', 1)
  checker.handle(1, 0, 1)
  t.equal(checker.missing, 0)
  t.strictSame(checker.total(), { ...NONE, posted: 2, acknowledged: 1, handled: 1, unpromised: 1 })
})

t.test('an event that was promised twice is one obligation, of the level named first', async (t) => {
  const checker = posted(2)
  checker.acknowledge(0, 'spooled', 1, 'a')
  checker.acknowledge(0, 'queued', 2, 'b')
  checker.acknowledge(1, undefined, 2)
  t.equal(checker.missing, 2)
  t.equal(checker.byLevel().get('spooled')?.acknowledged, 1)
  t.strictSame(checker.answeredIds(0), ['a', 'b'])
  t.notOk(checker.isLevelVague(0))
  t.ok(checker.isLevelVague(1), 'no level was named')
})

t.test('what the consumer refused is no loss until it is replayed', async (t) => {
  const checker = posted(2)
  checker.acknowledge(0, 'queued', 1)
  checker.refuse(0)
  checker.refuse(1)
  checker.acknowledge(1, 'queued', 1)
  t.equal(checker.missing, 0)
  t.equal(checker.total().refused, 2)
  checker.replay(0)
  t.equal(checker.missing, 1)
  t.strictSame(checker.total(), { ...NONE, posted: 2, acknowledged: 2, refused: 1, lost: 1 })
  checker.handle(0, 0, 5)
  t.equal(checker.missing, 0)
  t.equal(checker.fateOf(0), 'replayed')
})

t.test('knows the calls of an event that comes more than once', async (t) => {
  const checker = posted(2)
  checker.handle(0, 4, 1)
  checker.handle(1, 4, 1)
  checker.handle(0, 7, 2)
  checker.handle(0, 9, 3)
  t.strictSame([...checker.repeats], [[0, [4, 7, 9]]])
  t.equal(checker.total().duplicated, 1)
  t.equal(checker.handled, 2)
  t.equal(checker.arrivals, 4)
})

t.test('tells apart the injections during which events were posted', async (t) => {
  const checker = posted(2)
  checker.post(3, ORIGIN, 1, 10)
  checker.acknowledge(3, 'queued', 11)
  checker.handle(3, 0, 12)
  t.strictSame(
    checker.byInjection(),
    new Map([[0, { ...NONE, posted: 2 }], [1, { ...NONE, posted: 3, acknowledged: 1, handled: 1 }]])
  )
  for (const sequence of [-1, 5, 0.5, NaN]) t.notOk(checker.isPosted(sequence))
})

t.test('remembers what it knew when it grows', async (t) => {
  const checker = posted(2)
  checker.acknowledge(0, 'synced', 3)
  checker.handle(0, 0, 4)
  checker.record(0, 'x', 3)
  for (let block = 0; block < 20; block++) checker.post(10_000, { ...ORIGIN, form: 'stream' }, 8, 5)
  checker.acknowledge(200_000, 'queued', 6)
  t.equal(checker.posted, 200_002)
  t.equal(checker.missing, 1)
  t.equal(checker.attemptOf(0), 3)
  t.strictSame(checker.originOf(0), ORIGIN)
  t.equal(checker.originOf(200_000).form, 'stream')
  t.strictSame(checker.losses(5), [{
    sequence: 200_000,
    level: 'queued',
    postedAtMs: 5,
    acknowledgedAtMs: 6,
    injection: 8
  }])
})

t.test('a deadline that passes ends an obligation, and one that came in time or has none stays', async (t) => {
  const checker = posted(4)
  for (const [sequence, expiresAtMs] of [[0, 100], [1, 200], [2, 100], [3, undefined]] as const) {
    checker.acknowledge(sequence, 'queued', 1, undefined, expiresAtMs)
  }
  checker.handle(0, 0, 50)
  checker.expire(150)
  t.equal(checker.missing, 2)
  t.strictSame([0, 1, 2, 3].map((sequence) => checker.fateOf(sequence)), ['none', 'none', 'expired', 'none'])
  t.strictSame(checker.losses(9).map(({ sequence }) => sequence), [1, 3])
  t.match(checker.total(), { handled: 1, expired: 1, lost: 2 })
  t.strictSame(checker.expiredEvents(), [2])
  checker.handle(2, 1, 160)
  t.equal(checker.missing, 2, 'it came after all')
  t.strictSame(checker.expiredEvents(), [])
  t.match(checker.total(), { handled: 2, expired: 0 })
})

t.test('a dead letter with a deadline does not expire, and its replay may', async (t) => {
  const checker = posted(1)
  checker.refuse(0)
  checker.acknowledge(0, 'queued', 1, undefined, 100)
  checker.expire(150)
  t.match([checker.fateOf(0), checker.missing], ['refused', 0])
  checker.replay(0)
  t.match([checker.fateOf(0), checker.missing], ['replayed', 1])
  checker.expire(160)
  t.match([checker.fateOf(0), checker.missing], ['expired', 0])
  t.match(checker.total(), { expired: 1, lost: 0 })
})

t.test('an event that a fault has destroyed need not arrive, and may', async (t) => {
  const checker = new Checker()
  checker.post(4, ORIGIN, 0, 0)
  for (const sequence of [0, 1, 2]) checker.acknowledge(sequence, 'queued', 1)
  checker.excuse(0, 'damaged')
  checker.excuse(0, 'forgotten')
  checker.excuse(1, 'forgotten')
  checker.excuse(3, 'damaged')
  t.equal(checker.missing, 1)
  t.strictSame(checker.open(), [2])
  checker.acknowledge(3, 'queued', 2)
  t.equal(checker.missing, 1, 'also one that is promised later')
  checker.handle(1, 0, 3)
  t.match(checker.total(), { acknowledged: 4, handled: 1, damaged: 2, forgotten: 0, lost: 1 })
  t.equal(checker.countPromised((sequence) => checker.fateOf(sequence) === 'damaged'), 2)
  checker.post(1, ORIGIN, 0, 4)
  checker.acknowledge(4, 'queued', 5, undefined, 10)
  checker.expire(20)
  checker.excuse(4, 'damaged')
  t.match(checker.total(), { expired: 0, damaged: 3 })
  t.equal(checker.missing, 1)
})
