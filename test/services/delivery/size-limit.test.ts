import fc from 'fast-check'
import t from 'tap'
import { groupsWithin, learnSize, type SizedCall, type SizeLimit } from '../../../services/delivery/size-limit.ts'

function call (answer: SizedCall['answer'], from: number, to: number, bytes = (to - from) * 100): SizedCall {
  return { group: { from, to }, bytes, answer }
}

t.test('learns from what was too large without an event that is too large alone', async (t) => {
  const table: [claim: string, calls: SizedCall[], bytes: number | undefined][] = [
    ['nothing was refused', [call('accepted', 0, 20)], undefined],
    ['for another reason', [call('refused', 0, 20), call('refused', 0, 10)], undefined],
    ['both halves are taken', [call('too-large', 0, 20), call('accepted', 0, 10), call('accepted', 10, 20)], 1_000],
    ['neither half is', [call('too-large', 0, 20), call('too-large', 0, 10), call('too-large', 10, 20)], 500],
    [
      'one event is too large',
      [
        call('too-large', 0, 4), call('accepted', 0, 2), call('too-large', 2, 4), call('too-large', 2, 3),
        call('accepted', 3, 4)
      ],
      undefined
    ],
    ['a single event that is', [call('too-large', 0, 1)], undefined],
    [
      'one event is too large and the rest is as well',
      [
        call('too-large', 0, 4), call('too-large', 0, 2), call('too-large', 2, 4), call('too-large', 0, 1),
        call('accepted', 1, 2)
      ],
      100
    ]
  ]
  for (const [claim, calls, bytes] of table) t.equal(learnSize(undefined, calls)?.bytes, bytes, claim)
})

t.test('recovers slowly, with calls that come near the limit, and is forgotten in the end', async (t) => {
  let limit: SizeLimit | undefined = { bytes: 1_000, refusedBytes: 2_000 }
  t.equal(learnSize(limit, [call('accepted', 0, 4)]), limit, 'small calls say nothing')
  let calls = 0
  for (; limit !== undefined; calls++) limit = learnSize(limit, [call('accepted', 0, 1, limit.bytes)])
  t.ok(calls > 50 && calls < 100, `${calls} calls`)
})

t.test('puts as many events into a call as the limit allows, at least one, in their order', async () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 1, max: 50 })),
    fc.integer({ min: 1, max: 200 }),
    fc.boolean(),
    (sizes, bytes, hasLimit) => {
      const groups = groupsWithin(hasLimit ? { bytes, refusedBytes: 2 * bytes } : undefined, sizes, 0)
      const sizeOf = ({ from, to }: { from: number, to: number }) =>
        sizes.slice(from, to).reduce((sum, size) => sum + size, 0)
      return groups.every((group, place) =>
        group.from === (groups[place - 1]?.to ?? 0) && group.to > group.from &&
        (!hasLimit || sizeOf(group) <= bytes || group.to - group.from === 1)
      ) &&
        (groups.at(-1)?.to ?? 0) === sizes.length && (hasLimit || groups.length <= 1)
    }
  ))
})
