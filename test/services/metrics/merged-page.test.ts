import { Counter, Histogram, Registry } from '@prometheus-io/client'
import fc from 'fast-check'
import t from 'tap'
import { mergedPage } from '../../../services/metrics/merged-page.ts'

t.test('each series gets the label of its process, and each family its comments once', async (t) => {
  const one = '# HELP a Text of a\n# TYPE a counter\na 1\na{b="c d{"} 2\n\n# HELP h Text\n# TYPE h gauge\nh{} 3\n'
  const other = '# HELP h Text\n# TYPE h gauge\nh 4\n# HELP z Text\n# TYPE z gauge\nz 5 1700000000000\n'
  t.equal(mergedPage([{ process: '1', text: one }, { process: '2', text: other }]), [
    '# HELP a Text of a', '# TYPE a counter', 'a{process="1"} 1', 'a{process="1",b="c d{"} 2', '',
    '# HELP h Text', '# TYPE h gauge', 'h{process="1"} 3', 'h{process="2"} 4', '',
    '# HELP z Text', '# TYPE z gauge', 'z{process="2"} 5 1700000000000', ''
  ].join('\n'))
})

t.test('every sample of every page is on the merged page, and nothing else', async (t) => {
  const label = fc.string({ maxLength: 12 })
  const pages = fc.array(fc.record({
    counts: fc.array(fc.tuple(label, fc.nat()), { maxLength: 5 }), times: fc.array(fc.nat({ max: 9 }), { maxLength: 5 })
  }), { maxLength: 4 })
  await t.resolves(fc.assert(
    fc.asyncProperty(pages, async (contents) => {
      const texts = await Promise.all(contents.map(pageOf))
      const merged = mergedPage(texts.map((text, index) => ({ process: String(index), text })))
      const expected = texts.flatMap((text, index) =>
        samplesOf(text).map((line) => line.replace(/^([a-z_]+)(?:\{\}|\{)?/, (_, name: string) => `${name}|${index}|`)))
      const found = samplesOf(merged).map((line) =>
        line.replace(/^([a-z_]+)\{process="(\d+)"(?:,|\})/, (_, name: string, index: string) => `${name}|${index}|`))
      t.strictSame(found.toSorted(), expected.toSorted())
      const types = merged.split('\n').filter((line) => line.startsWith('# TYPE'))
      t.equal(new Set(types).size, types.length)
    })
  ))
})

async function pageOf ({ counts, times }: { counts: [string, number][], times: number[] }): Promise<string> {
  const registry = new Registry()
  const registers = [registry]
  const counter = new Counter({ name: 'some_total', help: 'Some', labelNames: ['of'], registers })
  const histogram = new Histogram({ name: 'some_seconds', help: 'Time', buckets: [1, 5], registers })
  for (const [of, count] of counts) counter.inc({ of }, count)
  for (const time of times) histogram.observe(time)
  return await registry.metrics()
}

function samplesOf (page: string): string[] {
  return page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
