import t from 'tap'
import { ratioTable, resultTable } from '../../../bench/report/table.ts'
import { ratioOf, resultOf, scenarioOf } from './result.ts'

t.test('has a row per subject, the ratios with their verdicts below, and the notes', async (t) => {
  const ratios = [
    ratioOf(),
    ratioOf({ what: 'accepts, one job each', to: 'job-each', value: 1.5, perRound: [1.5], bar: { atLeast: 2 } }),
    ratioOf({
      what: 'cost',
      metric: 'serverMicrosPerEvent',
      value: 12.345,
      perRound: [],
      bar: { atMost: 1.1 },
      isReached: true
    }),
    ratioOf({ what: 'for the record', value: NaN, perRound: [NaN], bar: undefined }),
    ratioOf({
      what: 'p99 above it, ms',
      metric: 'p99Ms',
      kind: 'difference',
      value: 1.15,
      perRound: [1.15],
      bar: { atMost: 5 },
      isReached: true
    }),
    ratioOf({
      what: 'bytes',
      to: '',
      metric: 'redisBytesPerEvent',
      kind: 'value',
      value: 295.4,
      perRound: [295.4],
      bar: { atMost: 350 },
      isReached: true
    })
  ]
  t.equal(resultTable(resultOf(scenarioOf({ ratios, notes: ['One note.', 'Another.'] }))), [
    'Some CPU, 2 cores, Node.js 24.21.0, Redis 7.0.15; medians of 3 rounds, 2026-03-01T10:00:00.000Z',
    '',
    'single: Single posts',
    '====================',
    '',
    'subject   events/s  server µs/event  redis µs/event  p99 ms',
    '--------  --------  ---------------  --------------  ------',
    'spillway    26,400             28.0            3.10    4.25',
    'bare        27,152             27.0               -    3.10',
    '',
    'what                   of                   metric             median  bar     verdict      rounds',
    '---------------------  -------------------  -----------------  ------  ------  -----------  ------------',
    'accepts                spillway / bare      events/s             0.97  ≥ 0.95  reached      0.96 to 0.99',
    'accepts, one job each  spillway / job-each  events/s             1.50  ≥ 2.00  not reached  1.50 to 1.50',
    'cost                   spillway / bare      server µs/event     12.35  ≤ 1.10  reached',
    'for the record         spillway / bare      events/s                -',
    'p99 above it, ms       spillway − bare      p99 ms               1.15  ≤ 5.00  reached      1.15 to 1.15',
    'bytes                  spillway             redis bytes/event     295  ≤ 350   reached      295 to 295',
    '',
    '- One note.',
    '- Another.',
    '',
    '4 of 5 bars reached'
  ].join('\n'))
})

t.test('a scenario without figures is its title', async (t) => {
  t.equal(resultTable({ ...resultOf(scenarioOf({ title: 'single', subjects: [] })), rounds: 1 }), [
    'Some CPU, 2 cores, Node.js 24.21.0, Redis 7.0.15; medians of 1 round, 2026-03-01T10:00:00.000Z',
    '',
    'single',
    '======'
  ].join('\n'))
})

t.test('of a result that is not told in full there are the ratios, in one table', async (t) => {
  const value = ratioOf({
    what: 'bytes',
    to: '',
    metric: 'redisBytesPerEvent',
    kind: 'value',
    value: 295.4,
    perRound: [295.4],
    bar: { atMost: 350 },
    isReached: true
  })
  t.equal(
    ratioTable(resultOf(scenarioOf({ ratios: [ratioOf()] }), scenarioOf({ name: 'redis-memory', ratios: [value] }))),
    [
      'Some CPU, 2 cores, Node.js 24.21.0, Redis 7.0.15; medians of 3 rounds, 2026-03-01T10:00:00.000Z',
      '',
      'scenario      what     of               metric             median  bar     verdict  rounds',
      '------------  -------  ---------------  -----------------  ------  ------  -------  ------------',
      'single        accepts  spillway / bare  events/s             0.97  ≥ 0.95  reached  0.96 to 0.99',
      'redis-memory  bytes    spillway         redis bytes/event     295  ≤ 350   reached  295 to 295',
      '',
      '2 of 2 bars reached'
    ].join('\n')
  )
})
