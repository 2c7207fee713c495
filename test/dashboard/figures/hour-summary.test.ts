import t from 'tap'
import { describeHour, summarize } from '../../../dashboard/figures/hour-summary.js'
import { NOW, seriesOf } from './samples.ts'

const SECOND = NOW / 1_000

t.test('counts openings, refusals and the deepest queue', async (t) => {
  const series = seriesOf([[SECOND, 5, 0, 0], [SECOND + 1, 80, 2, 30], [SECOND + 2, 60, 2, 4], [SECOND + 3, 3, 1], [
    SECOND + 4,
    90,
    2,
    1
  ], [SECOND + 5, null, null, null]])
  t.match(summarize(series), {
    openings: 2,
    openSeconds: 3,
    lastOpenedAt: SECOND + 3,
    refused: 35,
    byReason: [{ reason: 'circuit-open', events: 35 }],
    peakDepth: 90,
    peakAt: SECOND + 4
  })
  t.equal(
    describeHour(series, { timeZone: 'UTC' }),
    'Since 14:02 the circuit opened twice, for 3 s in all, and 35 events were refused (35 circuit-open). Deepest ' +
    'queue: 90 at 14:02.'
  )
})

t.test('says that nothing happened', async (t) => {
  t.equal(
    describeHour(seriesOf([[SECOND, 0, 0]]), { timeZone: 'UTC' }),
    'Since 14:02 the circuit never opened, and nothing was refused.'
  )
  t.equal(describeHour(seriesOf([])), '')
})

t.test('a depth that was never known has no deepest', async (t) => {
  t.equal(summarize(seriesOf([[SECOND, null, null, null]])).peakDepth, null)
})

t.test('one event that was refused is one event', async (t) => {
  t.match(describeHour(seriesOf([[SECOND, 5, 2, 1]]), { timeZone: 'UTC' }), 'and 1 event was refused (1 circuit-open)')
})

t.test('what was only observed was not refused', async (t) => {
  const series = seriesOf([[SECOND, 5, 2, 7]])
  const toObserve = [{ time: NOW, kind: 'mode', from: 'true', to: 'observe', text: '' }] as const
  t.match(
    describeHour(series, { timeZone: 'UTC', mode: 'observe' }),
    'and 7 events would have been refused (7 circuit-open)'
  )
  t.match(
    describeHour(series, { timeZone: 'UTC', mode: 'observe', incidents: toObserve }),
    'and 7 events were, or would have been, refused'
  )
  t.match(
    describeHour(seriesOf([[SECOND, 5, 2, 1]]), { timeZone: 'UTC', mode: 'observe', incidents: toObserve }),
    'and 1 event was, or would have been, refused'
  )
})
