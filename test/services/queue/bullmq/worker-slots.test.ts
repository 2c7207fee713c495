import t from 'tap'
import { compareMembers, keepsSlot, WorkerSlots } from '../../../../services/queue/bullmq/worker-slots.ts'

const member = (rank: number, taken: number, waitingSince = 0) => ({ rank, taken, isWaiting: true, waitingSince })

t.test('a slot goes to the better rank, then to the fewer slots, then to the longer wait', async (t) => {
  const [critical, poor, early, late] = [member(1, 9), member(5, 0, 9), member(5, 1, 1), member(5, 1, 2)] as const
  t.strictSame([late, early, poor, critical].toSorted(compareMembers), [critical, poor, early, late])
})

t.test('a worker keeps its slot beside worse ranks, and beside equal ones that have about as many', async (t) => {
  const table: [own: [number, number], other: [number, number], keeps: boolean][] = [
    [[1, 9], [5, 0], true],
    [[5, 1], [1, 9], false],
    [[5, 1], [5, 0], false],
    [[5, 5], [5, 5], true],
    [[5, 5], [5, 4], true],
    [[5, 6], [5, 4], false]
  ]
  for (const [own, other, keeps] of table) {
    t.equal(keepsSlot(member(...own), member(...other)), keeps, String([own, other]))
  }
})

t.test('workers have no more slots together than there are, and a wait can be cancelled', async (t) => {
  const slots = new WorkerSlots(2)
  const [a, b] = [slots.join(async () => 5), slots.join(async () => 5)]
  t.equal(a.take(), true)
  t.equal(a.take(), true)
  const waited = b.take()
  t.not(waited, true)
  b.cancel()
  t.equal(await waited, false)
  const again = b.take()
  a.give()
  t.equal(await again, true)
  t.not(a.take(), true, 'both are taken')
})

t.test('whoever is done sees the ranks that wait, and gives its slot to a better one', async (t) => {
  let now = 0
  const slots = new WorkerSlots(1, () => now)
  const ranks = { a: 5, b: 5, c: 5 }
  const [a, b, c] = [slots.join(async () => ranks.a), slots.join(async () => ranks.b), slots.join(async () => ranks.c)]
  t.equal(a.take(), true)
  const [forB, forC] = [b.take(), c.take()] as [Promise<boolean>, Promise<boolean>]
  ranks.c = 1
  await a.lookAround()
  t.equal(a.mayKeep(), false)
  a.give()
  t.equal(await forC, true)
  ranks.c = 9
  await c.lookAround()
  t.equal(c.mayKeep(), true, 'a look so soon is the same one')
  now = 5
  await c.lookAround()
  t.equal(c.mayKeep(), false, 'a better one waits')
  c.give()
  t.equal(await forB, true)
})

t.test('a rank that cannot be looked up is no reason to wait', async (t) => {
  const slots = new WorkerSlots(1)
  const [a, b] = [slots.join(async () => 5), slots.join(async () => { throw new Error('away') })]
  t.equal(a.take(), true)
  void b.take()
  await a.lookAround()
  t.equal(a.mayKeep(), false)
})

t.test('a worker that leaves waits no longer, and its slots come back', async (t) => {
  const slots = new WorkerSlots(1)
  const [a, b, c] = [slots.join(async () => 5), slots.join(async () => 5), slots.join(async () => 5)]
  t.equal(a.take(), true)
  const [forB, forC] = [b.take(), c.take()]
  b.leave()
  t.equal(await forB, false)
  a.leave()
  a.give()
  t.equal(await forC, true)
})
