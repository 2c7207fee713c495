import fc from 'fast-check'
import t from 'tap'
import { StatementBook, type BookedTallies } from '../../../services/statements/statement-book.ts'
import { FIELD_INDEX, TALLY_FIELDS, newTally, type TallyField } from '../../../services/statements/tally.ts'

/** The counts of one organization in a booking; undefined if it is not named. */
function countsOf ({ named }: BookedTallies, organizationId: string): Partial<Record<TallyField, number>> | undefined {
  const tally = named.find((booked) => booked.organizationId === organizationId)?.tally
  return tally && shown(tally)
}

function shown (tally: ArrayLike<number>): Partial<Record<TallyField, number>> {
  return Object.fromEntries(TALLY_FIELDS.flatMap((field) => {
    const events = tally[FIELD_INDEX[field]] as number
    return events === 0 ? [] : [[field, events]]
  }))
}

t.test('counts each event under the name of its organization, and forgets what it hands over', async (t) => {
  const book = new StatementBook()
  t.equal(book.hasNews, false)
  for (const organizationId of ['acme', 'acme', 'globex', 'acme', undefined]) book.count(organizationId, 'enqueued')
  book.count('globex', 'quota', 3)
  t.equal(book.hasNews, true)
  const booked = book.take()
  t.strictSame(countsOf(booked, 'acme'), { enqueued: 3 })
  t.strictSame(countsOf(booked, 'globex'), { enqueued: 1, quota: 3 })
  t.strictSame(countsOf(booked, ''), { enqueued: 1 }, 'events that name no organization are one')
  t.strictSame(shown(booked.others), {})
  t.equal(book.hasNews, false)
  book.count('acme', 'shed')
  t.strictSame(countsOf(book.take(), 'acme'), { shed: 1 }, 'also right after its name was asked for last')
})

t.test('an organization with a statement is counted exactly among ids that never repeat', async (t) => {
  const book = new StatementBook(100)
  book.adopt(['quiet'])
  let [quiet, others, named] = [0, 0, 0]
  for (let tick = 1; tick <= 100; tick++) {
    for (let index = 0; index < 1_000; index++) book.count(`once-${tick}-${index}`, 'enqueued')
    if (tick % 10 === 0) book.count('quiet', 'enqueued')
    book.tick(tick * 100)
    const booked = book.take()
    quiet += countsOf(booked, 'quiet')?.enqueued ?? 0
    others += shown(booked.others).enqueued ?? 0
    if (tick > 20) named += booked.named.filter(({ organizationId }) => organizationId !== 'quiet').length
    book.adopt(['quiet'])
  }
  t.equal(quiet, 10)
  t.equal(named, 0, 'and none of these ids gets a statement once they are many')
  book.giveUpNewcomers()
  others += shown(book.take().others).enqueued ?? 0
  t.equal(others, 100_000, 'they are the others')
})

t.test('ten offenders among ids that never repeat get their names, the largest first', async (t) => {
  const book = new StatementBook()
  for (let tick = 1; tick <= 20; tick++) {
    for (let index = 0; index < 1_000; index++) {
      book.count(`once-${tick}-${index}`, 'shed')
      if (index % 10 === 0) book.count(`offender-${index / 10 % 10}`, 'shed')
    }
    book.tick(tick * 100)
  }
  const { named } = book.take()
  t.strictSame(named.slice(0, 10).map(({ organizationId }) => organizationId).toSorted(),
    Array.from({ length: 10 }, (_, offender) => `offender-${offender}`))
})

t.test('a booking is bounded, and those that wait longest come first', async (t) => {
  const book = new StatementBook()
  const names = Array.from({ length: 5 }, (_, index) => `known-${index}`)
  book.adopt(names)
  for (const name of names) book.count(name, 'done')
  t.strictSame(book.take(2).named.map(({ organizationId }) => organizationId), ['known-0', 'known-1'])
  book.count('known-0', 'done')
  const next = book.take(4).named.map(({ organizationId }) => organizationId)
  t.strictSame(next, ['known-2', 'known-3', 'known-4', 'known-0'])
  t.equal(book.hasNews, false)
})

t.test('newcomers that got no name with one booking get it with the next, although nothing else comes', async (t) => {
  const book = new StatementBook()
  for (let index = 0; index < 70; index++) book.count(`organization-${index}`, 'enqueued')
  const named = []
  while (book.hasNews) named.push(book.take().named.length)
  t.strictSame(named, [32, 32, 6])
})

t.test('tells how long it has counted a newcomer', async (t) => {
  const book = new StatementBook()
  book.tick(1_000)
  book.count('acme', 'enqueued')
  book.tick(3_500)
  t.equal(book.take().named[0]?.ageMs, 2_500)
})

t.test('counts what a worker did with a batch: what is tried again stays in the queue', async (t) => {
  const book = new StatementBook()
  const events = ['a', 'b', 'a', 'b', 'a'].map((organizationId) => ({ organizationId }))
  book.adopt(['a', 'b'])
  book.countSettled(events, { done: 5, dead: 0, requeued: 0 })
  t.strictSame(book.take().named.map(({ tally }) => shown(tally)), [{ done: 3 }, { done: 2 }])
  book.countSettled(events, {
    done: 1, dead: 1, requeued: 2, expired: 1, deadIndexes: [0], expiredIndexes: [1], moves: [['child', [2, 3]]]
  })
  const booked = book.take()
  t.strictSame(countsOf(booked, 'a'), { deadLettered: 1, done: 1 })
  t.strictSame(countsOf(booked, 'b'), { expired: 1 })
})

const NAMES = Array.from({ length: 31 }, (_, index) => String(index))

t.test('no event is lost or counted twice, whatever gets and loses a name', async (t) => {
  const step = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        count: fc.nat(30), field: fc.constantFrom(...TALLY_FIELDS), events: fc.integer({ min: 1, max: 9 })
      })
    },
    { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ adopt: fc.subarray(NAMES) }) },
    { weight: 2, arbitrary: fc.record({ tick: fc.integer({ min: 1, max: 5_000 }) }) },
    { weight: 1, arbitrary: fc.constant({ giveUp: true }) }
  )
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const book = new StatementBook(4)
    const [counted, booked] = [newTally(), newTally()]
    let now = 0
    const record = ({ named, others }: BookedTallies) => {
      for (const tally of [others, ...named.map((each) => each.tally)]) {
        for (const [index, events] of tally.entries()) booked[index]! += events
      }
    }
    for (const each of steps) {
      if ('count' in each) {
        book.count(String(each.count), each.field, each.events)
        counted[FIELD_INDEX[each.field]]! += each.events
      } else if ('take' in each) record(book.take(each.take))
      else if ('adopt' in each) book.adopt(each.adopt)
      else if ('tick' in each) book.tick(now += each.tick)
      else book.giveUpNewcomers()
    }
    book.giveUpNewcomers()
    while (book.hasNews) record(book.take())
    return counted.every((events, index) => events === booked[index])
  })))
})

t.test('tells how long it has counted a newcomer that took the place of another one', async (t) => {
  const book = new StatementBook(1)
  book.tick(1_000)
  book.count('gone', 'enqueued')
  book.tick(600_000)
  book.count('acme', 'enqueued')
  book.tick(602_500)
  t.match(book.take().named, [{ organizationId: 'acme', ageMs: 2_500 }])
})
