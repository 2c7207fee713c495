import fc from 'fast-check'
import t from 'tap'
import { afterCall, endSplit, mostCallsOf, startSplit, type Split } from '../../../services/delivery/split.ts'

interface Run { split: Split, accepted: number[], sent: string[] }

/** Sends a batch to a consumer that refuses each call that holds a culprit. */
function run (events: number, isRefused: (index: number, call: number) => boolean): Run {
  let split = startSplit([{ from: 0, to: events }])
  const accepted: number[] = []
  const sent: string[] = []
  for (let [group] = split.open; group !== undefined; [group] = split.open) {
    const { from, to } = group
    const indexes = Array.from({ length: to - from }, (_, place) => from + place)
    sent.push(to - from === 1 ? `${from}` : `${from}-${to - 1}`)
    const isAccepted = !indexes.some((index) => isRefused(index, sent.length))
    if (isAccepted) accepted.push(...indexes)
    split = afterCall(split, isAccepted)
  }
  return { split, accepted, sent }
}

const groups = (split: Split) => split.unsure.map(({ from, to }) => to - from === 1 ? `${from}` : `${from}-${to - 1}`)

t.test('halves a refused batch until its culprits stand alone', async (t) => {
  const table: [events: number, culprits: number[], sent: string, proven: boolean[], unsure: string[]][] = [
    [8, [], '0-7', [], []],
    [8, [6], '0-7 0-3 4-7 4-5 6-7 6 7', [true], []],
    [8, [7], '0-7 0-3 4-7 4-5 6-7 6 7', [true], []],
    [8, [0], '0-7 0-3 4-7 0-1 2-3 0 1', [true], []],
    [3, [1], '0-2 0 1-2 1 2', [true], []],
    [2, [0], '0-1 0 1', [true], []],
    [1, [0], '0', [false], []],
    [2, [0, 1], '0-1 0 1', [false, false], []],
    [8, [2, 3], '0-7 0-3 4-7 0-1 2-3 2 3', [false, false], []],
    [8, [0, 1, 2, 3, 4, 5, 6, 7], '0-7 0-3 4-7', [], ['0-1', '2-3', '4-5', '6-7']],
    [8, [1, 5], '0-7 0-3 4-7', [], ['0-1', '2-3', '4-5', '6-7']]
  ]
  for (const [events, culprits, sent, proven, unsure] of table) {
    const result = run(events, (index) => culprits.includes(index))
    t.equal(result.sent.join(' '), sent)
    t.strictSame(result.split.culprits.map(({ isProven }) => isProven), proven, sent)
    t.strictSame(groups(result.split), unsure, sent)
  }
})

t.test('finds one culprit in 20 wherever it is, in at most eleven calls, and proves it', async (t) => {
  for (let culprit = 0; culprit < 20; culprit++) {
    const { split, accepted, sent } = run(20, (index) => index === culprit)
    t.strictSame([split.culprits, split.unsure, accepted.length], [[{ index: culprit, isProven: true }], [], 19])
    t.ok(sent.length <= 11, `${sent.length} calls`)
  }
})

t.test('stops after three calls when the consumer refuses all of them', async (t) => {
  for (const events of [4, 20, 128, 10_000]) t.equal(run(events, () => true).sent.length, 3)
})

t.test('proves no event that is refused while a consumer that accepted begins to refuse everything', async (t) => {
  const { split, sent } = run(64, (index, call) => index === 0 || call > 3)
  t.notOk(split.culprits.some(({ isProven }) => isProven))
  t.ok(sent.length <= 3 + 6, sent.join(' '))
})

t.test('begins with several groups where a call may not hold all, and ends where the caller says', async (t) => {
  const split = afterCall(startSplit([{ from: 0, to: 1 }, { from: 1, to: 5 }]), true)
  t.strictSame(split.open, [{ from: 1, to: 5 }])
  t.strictSame(groups(endSplit(afterCall(split, false))), ['1-2', '3-4'])
})

t.test('answers for each event exactly once, blames no good event, and keeps to its bound of calls', async () => {
  const batch = fc
    .integer({ min: 1, max: 300 })
    .chain((events) => fc.tuple(fc.constant(events), fc.uniqueArray(fc.nat({ max: events - 1 }), { maxLength: 12 })))
  fc.assert(fc.property(batch, ([events, culprits]) => {
    const { split, accepted, sent } = run(events, (index) => culprits.includes(index))
    const unsure = split.unsure.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, place) => from + place))
    const places = [...accepted, ...unsure, ...split.culprits.map(({ index }) => index)].toSorted((a, b) => a - b)
    return places.length === events && places.every((place, index) => place === index) &&
      split.culprits.every(({ index }) => culprits.includes(index)) &&
      accepted.every((index) => !culprits.includes(index)) &&
      sent.length <= mostCallsOf(events) && split.open.length === 0
  }))
})

t.test('ends within its bound whatever the consumer answers', async () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.infiniteStream(fc.boolean()), (events, answers) => {
    const { sent } = run(events, () => answers.next().value === true)
    return sent.length <= mostCallsOf(events)
  }))
})
