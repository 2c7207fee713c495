import t from 'tap'
import { ReplicaPolicy } from '../../../rig/autoscaler/replica-policy.ts'

t.test('goes up and down at once, but not within the tolerance or without a number', async (t) => {
  const table: [needed: number | undefined, replicas: number, next: number][] = [
    [1, 1, 1], [2, 1, 2], [40, 1, 40], [undefined, 7, 7], [11, 10, 10], [12, 10, 12], [9, 10, 10], [8, 10, 8], [1, 5, 1]
  ]
  for (const [needed, replicas, next] of table) {
    t.equal(new ReplicaPolicy().next(0, needed, replicas), next, `${needed} needed, ${replicas} there`)
  }
})

t.test('keeps within its bounds', async (t) => {
  const policy = new ReplicaPolicy({ fewest: 2, most: 5 })
  t.strictSame([policy.next(0, 1, 4), policy.next(0, 9, 4), policy.next(0, undefined, 1)], [2, 5, 2])
})

t.test('a window keeps the most that was wanted within it', async (t) => {
  const policy = new ReplicaPolicy({ scaleInWindowMs: 60_000 })
  const next = [[0, 8, 4], [15_000, 3, 8], [59_000, 5, 8], [60_000, 3, 8], [119_000, 3, 5], [120_000, 3, 5]] as const
  t.strictSame(next.map(([at, needed, replicas]) => policy.next(at, needed, replicas)), [8, 8, 8, 5, 3, 3])
})
