import t from 'tap'
import { newEntry, parseName } from '../../../services/spool/spool-entry.ts'
import { SpoolIndex } from '../../../services/spool/spool-index.ts'

t.test('the name of a file says all there is to know', async (t) => {
  const entry = newEntry('10-128-0-0190b3f2-7c1e', 1_782_892_800_000.7, 8_193)
  t.strictSame(entry, {
    name: '10.1782892800000.8193.10-128-0-0190b3f2-7c1e.batch',
    batchId: '10-128-0-0190b3f2-7c1e',
    priority: 10,
    events: 128,
    at: 1_782_892_800_000,
    bytes: 12_288
  })
  t.strictSame(parseName(entry.name), entry)
})

t.test('entries leave from the front, the middle and the end of a long index in order', async (t) => {
  const index = new SpoolIndex()
  const entries = Array.from(
    { length: 10_000 },
    (_, number) => newEntry(`${1 + number % 2}-3-0-${String(number).padStart(5, '0')}`, 1_000_000_000_000 + number, 1)
  )
  t.ok(entries.every((entry) => index.add(entry)))
  t.equal(index.add(entries[0]!), false)
  const order = [
    ...entries.filter(({ priority }) => priority === 1),
    ...entries.filter(({ priority }) => priority === 2)
  ]
  // 7 has no divisor in common with the length, so this comes by all of them.
  const gone = new Set(Array.from({ length: 9_000 }, (_, step) => entries[step * 7 % entries.length]!))
  for (const entry of gone) index.delete(entry)
  t.equal(index.delete(entries[0]!), false)
  const left = order.filter((entry) => !gone.has(entry))
  t.strictSame([...index].map(({ name }) => name), left.map(({ name }) => name))
  t.strictSame(index.eventsByPriority.slice(0, 3), [
    0,
    3 * left.filter(({ priority }) => priority === 1).length,
    3 * left.filter(({ priority }) => priority === 2).length
  ])
  t.equal(index.bytes, left.length * 4_096)
})
