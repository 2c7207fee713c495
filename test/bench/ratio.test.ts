import t from 'tap'
import { compare, isWithin } from '../../bench/ratio.ts'

const subject = (name: string, values: readonly number[]) => ({
  name,
  samples: values.map((rate) => ({ rate })),
  median: {}
})
const subjects = [subject('ours', [10, 30, 8]), subject('theirs', [5, 10, 8])]
const wanted = { what: 'rate', of: 'ours', to: 'theirs', metric: 'rate' }

t.test('a ratio is the median of the quotients of each round, not the quotient of medians', async (t) => {
  t.match(compare(wanted, subjects), { kind: 'quotient', value: 2, perRound: [2, 3, 1] })
})

t.test('a difference and a value are made of each round too', async (t) => {
  t.match(compare({ ...wanted, kind: 'difference' }, subjects), { value: 5, perRound: [5, 20, 0] })
  t.match(compare({ what: 'rate', of: 'ours', metric: 'rate', kind: 'value' }, subjects), {
    to: '',
    value: 10,
    perRound: [10, 30, 8]
  })
})

t.test('says whether a bar is reached, and nothing where there is none', async (t) => {
  t.equal(compare({ ...wanted, bar: { atLeast: 2 } }, subjects)?.isReached, true)
  t.equal(compare({ ...wanted, bar: { atLeast: 2.1 } }, subjects)?.isReached, false)
  t.notOk('isReached' in (compare(wanted, subjects) ?? {}))
})

t.test('what was not measured is not compared', async (t) => {
  t.equal(compare({ ...wanted, to: 'nobody' }, subjects), undefined)
  t.equal(compare({ ...wanted, metric: 'other' }, subjects), undefined)
})

for (
  const [value, bar, expected] of [
    [1, { atLeast: 1 }, true],
    [0.99, { atLeast: 1 }, false],
    [1, { atMost: 1 }, true],
    [1.01, { atMost: 1 }, false],
    [5, {}, true],
    [NaN, { atMost: 1 }, false]
  ] as const
) {
  t.test(`${value} is ${expected ? '' : 'not '}within ${JSON.stringify(bar)}`, async (t) =>
    t.equal(isWithin(value, bar), expected))
}
