import t from 'tap'
import { StatementBook, type BookedTallies } from '../../../services/statements/statement-book.ts'
import { StatementWriter, type QueueEvents } from '../../../services/statements/statement-writer.ts'
import { receivedIn } from '../../../services/statements/tally.ts'

const EMPTY: QueueEvents = { depthByPriority: [0, 0], delayedByPriority: [0, 0], jobs: { unsettled: 0 } }
const WAITING: QueueEvents = { ...EMPTY, depthByPriority: [0, 1] }

/** A writer on a clock of its own, and the bookings of a store that fails while it is away. */
function startWriter () {
  const book = new StatementBook()
  const booked: Record<string, number>[] = []
  const errors: string[] = []
  const state = { now: 0, isAway: false, leveled: 0, isUnanswered: false }
  const writer = new StatementWriter({
    book,
    store: {
      get isUnanswered () { return state.isUnanswered },
      book: async (take: () => BookedTallies) => {
        if (state.isAway) throw new Error('away')
        const { named, others } = take()
        booked.push(Object.fromEntries([
          ...named.map(({ organizationId, tally }) => [organizationId, receivedIn(tally)] as const),
          ['others', receivedIn(others)] as const
        ]))
        return named.map(({ organizationId }) => organizationId)
      },
      level: async () => { state.leveled++ }
    },
    now: () => state.now,
    onError: ({ message }) => errors.push(message)
  })
  /** Lets time pass, with a reading each 100 ms. */
  const pass = async (ms: number, events: QueueEvents = WAITING) => {
    for (const end = state.now + ms; state.now < end;) {
      state.now += 100
      writer.observe(events)
      // The work of a reading ends before the next one.
      await new Promise(setImmediate)
    }
  }
  return { book, booked, errors, state, writer, pass }
}

t.test('books once a second, and nothing if nothing was counted', async (t) => {
  const { book, booked, pass } = startWriter()
  await pass(3_000)
  t.strictSame(booked, [])
  book.count('acme', 'enqueued', 5)
  await pass(1_000)
  t.strictSame(booked, [{ acme: 5, others: 0 }])
  book.count('acme', 'shed', 2)
  book.count('acme', 'quota')
  await pass(1_000)
  t.strictSame(booked.slice(1), [{ acme: 3, others: 0 }])
})

t.test('goes on after an error', async (t) => {
  const { book, booked, errors, state, pass } = startWriter()
  state.isAway = true
  book.count('acme', 'enqueued', 5)
  await pass(2_000)
  t.strictSame(errors, ['away', 'away'])
  state.isAway = false
  await pass(1_000)
  t.strictSame(booked, [{ acme: 5, others: 0 }])
})

t.test('levels statements once the queue has been empty for a while, once for each time', async (t) => {
  const { book, state, pass } = startWriter()
  book.count('acme', 'enqueued')
  await pass(9_000, EMPTY)
  t.equal(state.leveled, 0)
  await pass(3_000, EMPTY)
  t.equal(state.leveled, 1)
  await pass(300_000, EMPTY)
  t.equal(state.leveled, 1, 'nothing has changed since')
  await pass(1_000, WAITING)
  await pass(9_000, EMPTY)
  t.equal(state.leveled, 1)
  await pass(3_000, EMPTY)
  t.equal(state.leveled, 2)
})

t.test('books all that is left at the end, newcomers without a name as others', async (t) => {
  const { book, booked, writer, pass } = startWriter()
  await pass(1_000)
  for (let organization = 0; organization < 500; organization++) book.count(`organization-${organization}`, 'enqueued')
  await writer.end()
  t.equal(booked.flatMap((each) => Object.values(each)).reduce((sum, events) => sum + events, 0), 500)
  t.equal(book.hasNews, false)
})

t.test('a queue with events that wait for another attempt or for their booking is not empty', async (t) => {
  const { book, state, pass } = startWriter()
  book.count('acme', 'enqueued')
  await pass(20_000, { ...EMPTY, delayedByPriority: [0, 1] })
  await pass(20_000, { ...EMPTY, jobs: { unsettled: 1 } })
  t.equal(state.leveled, 0)
  await pass(12_000, EMPTY)
  t.equal(state.leveled, 1)
})
