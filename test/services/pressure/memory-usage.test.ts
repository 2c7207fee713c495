import t from 'tap'
import { guarded } from '../../../services/pressure/memory-usage.ts'

t.test('a reading that fails keeps the last figure of resident memory, and reads the heap', async (t) => {
  let isBroken = false
  const original = Object.assign(() => {
    if (isBroken) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
    return { rss: 7, heapTotal: 5, heapUsed: 3, external: 2, arrayBuffers: 1 }
  }, { rss: () => 7 })
  const usage = guarded(original)
  t.strictSame(usage(), original())
  isBroken = true
  t.match(usage(), { rss: 7, external: 2, arrayBuffers: 1 })
  t.ok(usage().heapUsed > 5, 'that of this process')
  t.equal(usage.rss(), 7)
  isBroken = false
  t.equal(usage().heapUsed, 3)
})

t.test('a process whose first reading fails has no resident memory yet', async (t) => {
  const usage = guarded(Object.assign(() => { throw new Error('EMFILE') }, { rss: () => 0 }))
  t.equal(usage().rss, 0)
})
