import t from 'tap'
import { sum, sumByClass } from '../../../services/admission/sum.ts'
import { workerCapacity } from '../../../services/scaling/worker-capacity.ts'

t.test('adds up, and does not take what is not known for zero', async (t) => {
  t.equal(sum([1, 2, 3]), 6)
  t.equal(sum([]), 0)
  t.ok(Number.isNaN(sum(undefined)))
})

t.test('adds up by class what is counted by priority', async (t) => {
  const powers = Array.from({ length: 11 }, (_, priority) => 2 ** priority)
  t.strictSame(sumByClass([0, ...powers.slice(1)]), {
    critical: 2,
    normal: 4 + 8 + 16 + 32,
    low: 64 + 128 + 256 + 512 + 1024
  })
  t.strictSame(sumByClass([]), { critical: 0, normal: 0, low: 0 })
})

t.test('tells what all workers together can have in work, those that are held none', async (t) => {
  t.equal(workerCapacity([{ concurrency: 20, holds: [] }, { concurrency: 3, holds: [] }]), 23)
  t.equal(workerCapacity([{ concurrency: 20, holds: ['consumer-unreachable'] }, { concurrency: 3, holds: [] }]), 3)
  t.equal(workerCapacity([]), 0)
})
