import { Histogram, Registry } from '@prometheus-io/client'
import fc from 'fast-check'
import t from 'tap'
import { TallyHistogram } from '../../../services/metrics/tally-histogram.ts'

const FORM = { name: 'size', help: 'Size' }

t.test('shows the same page as the histogram of the library', async (t) => {
  // The library takes a bucket of -1 for none at all.
  const bounds = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 6 }).map((bounds) =>
    bounds.toSorted((a, b) => a - b)
  )
  const values = fc.array(fc.record({ kind: fc.constantFrom('a', 'b"\n'), value: fc.integer({ min: -60, max: 60 }) }), {
    maxLength: 40
  })
  await t.resolves(fc.assert(fc.asyncProperty(bounds, values, async (buckets, values) => {
    const [theirs, ours] = [new Registry(), new Registry()]
    const library = new Histogram({ ...FORM, buckets, labelNames: ['kind'], registers: [theirs] })
    const tallies = new Map<string, ReturnType<typeof own.add>>()
    const own = new TallyHistogram<'kind'>({ ...FORM, buckets, registry: ours })
    for (const { kind, value } of values) {
      library.observe({ kind }, value)
      const tally = tallies.get(kind) ?? own.add({ kind })
      tallies.set(kind, tally)
      tally.observe(value)
    }
    return sorted(await theirs.metrics()) === sorted(await ours.metrics())
  })))
})

t.test('a series is there from the start, with nothing in it', async (t) => {
  const registry = new Registry()
  new TallyHistogram<'kind'>({ ...FORM, buckets: [1], registry }).add({ kind: 'a' })
  t.match(await registry.metrics(), /^size_count\{kind="a"\} 0$/m)
})

/** Labels of a series stand in no fixed order, nor do the series. */
function sorted (page: string): string {
  return page.split('\n').map((line) =>
    line.replace(/\{(.*)\}/, (_, labels: string) => labels.split(',').toSorted().join(','))
  ).toSorted().join('\n')
}
