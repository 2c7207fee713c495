import fc from 'fast-check'
import t from 'tap'
import { InTransit, type AddAnswer, type AddMark } from '../../../services/admission/in-transit.ts'

const MOST_AGE_MS = 300

const markOf = (total: number): AddMark => ({ shard: 0, priority: 5, total })
/** Whether a reading that counts so many events contains a batch. */
const upTo = (counted: number) => ({ total }: AddMark) => total <= counted

/** Begins a write whose end and answers are in the hand of the test. */
function begin (transit: InTransit, count: number, bytes = 0, sends = 1) {
  const end = Promise.withResolvers<void>()
  const answers: ((answer: AddAnswer) => void)[] = []
  transit.recordAdmitted(count, bytes)
  const written = transit.whileSending(count, bytes, async (onSent) => {
    for (let send = 0; send < sends; send++) answers.push(onSent() as typeof answers[number])
    await end.promise
  })
  return {
    answer: (answer: AddAnswer) => answers.shift()?.(answer),
    end: async () => { end.resolve(); await written },
    fail: async () => { end.reject(new Error('no connection')); await written.catch(() => {}) }
  }
}

t.test('an event is in transit until the answer to a reading that was requested after it was sent', async (t) => {
  const transit = new InTransit()
  const early = transit.beginReading()
  begin(transit, 3)
  early()
  t.equal(transit.count, 3, 'a reading that was requested before')
  const contained = transit.beginReading()
  begin(transit, 2)
  t.equal(transit.count, 5, 'the answer is not there yet')
  contained()
  t.equal(transit.count, 2)
})

t.test('a reading that fails contains nothing', async (t) => {
  const transit = new InTransit()
  begin(transit, 3)
  transit.beginReading()
  transit.adoptReading(upTo(100), 0, MOST_AGE_MS)
  t.equal(transit.count, 3, 'nor does one of another process without an answer to the write')
})

t.test('events that are never sent are in transit until their write ends', async (t) => {
  const transit = new InTransit()
  const { fail } = begin(transit, 2, 10, 0)
  t.strictSame([transit.count, transit.bytes], [2, 10])
  await fail()
  t.strictSame([transit.count, transit.bytes], [0, 0])
  transit.recordAdmitted(1, 5)
  transit.recordOut(1, 5)
  t.strictSame([transit.count, transit.bytes], [0, 0])
})

t.test('bytes go with their events, without rests of rounding', async (t) => {
  const transit = new InTransit()
  begin(transit, 2, 0.3)
  const contained = transit.beginReading()
  begin(transit, 1, 0.1)
  contained()
  t.ok(Math.abs(transit.bytes - 0.1) < 1e-9)
  transit.beginReading()()
  t.equal(transit.bytes, 0)
})

t.test('a reading of another process contains exactly the writes that it counts', async (t) => {
  const table: [answers: AddAnswer[], counted: number, left: number][] = [
    [[markOf(7)], 6, 4],
    [[markOf(7)], 7, 0],
    [[markOf(7)], 8, 0],
    [[markOf(7), markOf(9)], 8, 4],
    [[markOf(7), markOf(9)], 9, 0],
    [['unknown', markOf(7)], 7, 0],
    [['nothing', markOf(7)], 6, 4],
    [['nothing', 'nothing'], 0, 0],
    [['unknown'], 100, 4]
  ]
  for (const [answers, counted, left] of table) {
    for (const isAnsweredFirst of [true, false]) {
      const transit = new InTransit()
      const late: number[] = []
      transit.onContained = (count) => late.push(count)
      const { answer, end } = begin(transit, 4, 0, answers.length)
      if (!isAnsweredFirst) transit.adoptReading(upTo(counted), 0, MOST_AGE_MS)
      for (const one of answers) answer(one)
      await end()
      if (isAnsweredFirst) transit.adoptReading(upTo(counted), 0, MOST_AGE_MS)
      t.equal(transit.count, left, JSON.stringify({ answers, counted, isAnsweredFirst }))
      const isContained = left === 0 && answers.some((one) => typeof one === 'object')
      t.strictSame(late, isContained && !isAnsweredFirst ? [4] : [], 'and says so if it counted as in transit')
    }
  }
})

t.test('a reading of another process says nothing of writes after an own one, though the counts have begun again', async (t) => {
  const transit = new InTransit()
  transit.adoptReading(upTo(1_000), 0, MOST_AGE_MS)
  transit.beginReading()()
  const { answer, end } = begin(transit, 4)
  answer(markOf(4))
  await end()
  t.equal(transit.count, 4)
})

t.test('a write that waits for the disk is contained when Redis has answered the add', async (t) => {
  const transit = new InTransit()
  begin(transit, 4).answer(markOf(7))
  transit.adoptReading(upTo(7), 0, MOST_AGE_MS)
  t.equal(transit.count, 0)
})

t.test('a write that ended before a reading can have been taken is contained, whatever the counts are', async (t) => {
  for (const answer of [markOf(1_000), 'unknown'] as const) {
    const transit = new InTransit()
    const write = begin(transit, 4)
    transit.adoptReading(upTo(10), 0, MOST_AGE_MS)
    write.answer(answer)
    transit.adoptReading(upTo(10), 1_000, MOST_AGE_MS)
    await write.end()
    for (const [now, left] of [[1_100, 4], [1_400, 4], [1_401, 0]] as const) {
      transit.adoptReading(upTo(10), now, MOST_AGE_MS)
      t.equal(transit.count, left, `${JSON.stringify(answer)} ${now}`)
    }
  }
})

/** A write of this process; one that Redis refuses has no total. */
interface OwnWrite {
  readonly count: number
  readonly total: number | undefined
  readonly deliver: () => Promise<void>
  isOver: boolean
  /** Whether an own reading contains it. */
  isRead: boolean
}

/*
 * A queue in Redis that this process and others write to, and that another one reads. The answers to writes and the
 * readings come in their own orders, but in any order to each other, as on two connections.
 */
t.test('a reading of another process leaves no own event out, and counts none twice but those without an answer', async (t) => {
  const step = fc.record({
    what: fc.constantFrom('add', 'other', 'refused', 'read', 'answer', 'hear', 'own'),
    count: fc.integer({ min: 1, max: 9 })
  })
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
    const transit = new InTransit()
    const writes: OwnWrite[] = []
    const readings: number[] = []
    let [stored, latest, counted, next] = [0, 0, 0, 0]
    transit.onContained = (count) => { counted -= count }
    const expected = () => writes.filter(({ total, isOver, isRead }) =>
      !isRead && !(isOver && (total === undefined || total <= latest))).reduce((sum, { count }) => sum + count, 0)
    for (const { what, count } of steps) {
      if (what === 'add' || what === 'refused') {
        const write = begin(transit, count)
        counted += count
        if (what === 'add') stored += count
        const total = what === 'add' ? stored : undefined
        const deliver = async () => {
          write.answer(total === undefined ? 'nothing' : markOf(total))
          await write.end()
        }
        writes.push({ count, total, isOver: false, isRead: false, deliver })
      } else if (what === 'other') stored += count
      else if (what === 'read') readings.push(stored)
      else if (what === 'answer') {
        const write = writes[next]
        if (write === undefined) continue
        next++
        await write.deliver()
        write.isOver = true
      } else if (what === 'own') {
        transit.beginReading()()
        for (const write of writes) write.isRead = true
        latest = stored
        readings.length = 0
        counted = latest + transit.count
      } else {
        const heard = readings.shift()
        if (heard === undefined) continue
        latest = heard
        transit.adoptReading(upTo(latest), 0, MOST_AGE_MS)
        counted = latest + transit.count
      }
      if (transit.count !== expected() || counted < latest + expected()) return false
    }
    return true
  }), { numRuns: 500 }))
})
