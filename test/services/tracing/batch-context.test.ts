import t from 'tap'
import { batchContext, MOST_LINKS } from '../../../services/tracing/batch-context.ts'

const context = (trace: string, parent: string, flags = '01') => ({
  traceparent: `00-${trace.repeat(32)}-${parent.padStart(16, '0')}-${flags}`
})

t.test('the span of a batch stands below the trace that its sampled events share, else alone and linked to all of them', async (t) => {
  const [a1, a2, b1] = [context('a', '1'), context('a', '2'), context('b', '1')]
  const unsampled = context('c', '1', '00')
  const table: [claim: string, traces: (typeof a1 | undefined)[], expected: ReturnType<typeof batchContext>][] = [
    ['no events', [], undefined],
    ['untraced', [undefined, undefined], undefined],
    ['not sampled', [unsampled], undefined],
    ['one', [a1], { parent: a1, links: [] }],
    ['one request', [a1, a1, undefined], { parent: a1, links: [] }],
    ['one request read twice', [a1, { ...a1 }], { parent: { ...a1 }, links: [] }],
    ['two requests of a trace', [a1, a2], { parent: a1, links: [a2] }],
    ['two traces', [a1, b1, a1], { parent: undefined, links: [a1, b1] }],
    ['what nobody records does not count', [unsampled, b1], { parent: b1, links: [] }]
  ]
  for (const [claim, traces, expected] of table)
    t.strictSame(batchContext(traces.map((trace) => trace === undefined ? {} : { trace })), expected, claim)
})

t.test('links are bounded', async (t) => {
  const events = Array.from(
    { length: 1_000 },
    (_, index) => ({ trace: context('ab'[index % 2]!, (index + 1).toString(16)) })
  )
  t.equal(batchContext(events)?.links.length, MOST_LINKS)
})
