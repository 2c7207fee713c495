import t from 'tap'
import fc from 'fast-check'
import { scenarioSection, sectionsIn, withFigures } from '../../../bench/report/markdown.ts'
import { ratioOf, resultOf, scenarioOf } from './result.ts'

t.test('a section has costs and ratios, but no rate and no latency', async (t) => {
  t.equal(scenarioSection(scenarioOf({ ratios: [ratioOf({ what: 'a|b' })], notes: ['One note.'] })), [
    '| subject | server µs/event | redis µs/event |',
    '| --- | --- | --- |',
    '| spillway | 28.0 | 3.10 |',
    '| bare | 27.0 | - |',
    '',
    '| what | of | metric | median | bar | verdict | rounds |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    '| a\\|b | spillway / bare | events/s | 0.97 | ≥ 0.95 | reached | 0.96 to 0.99 |',
    '',
    '- One note.',
    ''
  ].join('\n'))
})

t.test('what grows has its plots below its tables', async (t) => {
  const subjects = [1, 2].map((x) => ({ name: `spillway@${x}`, samples: [], median: { serverMicrosPerEvent: x } }))
  t.equal(scenarioSection(scenarioOf({ grows: 'rules', subjects })), [
    '| subject | server µs/event |',
    '| --- | --- |',
    '| spillway@1 | 1 |',
    '| spillway@2 | 2 |',
    '',
    '![CPU per event by rules](performance/growth-single-cpu.svg)',
    ''
  ].join('\n'))
})

const DOCUMENT = [
  '# Title',
  '',
  '<!-- bench:machine -->',
  '<!-- /bench -->',
  '',
  '<!-- bench:single -->',
  'old',
  '<!-- /bench -->',
  '',
  '<!-- bench:other -->',
  'kept $1',
  '<!-- /bench -->',
  ''
].join('\n')

t.test('fills the sections of what was run and leaves the rest', async (t) => {
  const scenario = scenarioOf({ ratios: [ratioOf({ what: 'costs $& more' })] })
  const text = withFigures(DOCUMENT, resultOf(scenario))
  t.equal(text, [
    '# Title', '', '<!-- bench:machine -->',
    'Some CPU, 2 cores, Node.js 24.21.0, Redis 7.0.15; medians of 3 rounds, 2026-03-01T10:00:00.000Z',
    '<!-- /bench -->', '', '<!-- bench:single -->',
    `${scenarioSection(scenario)}<!-- /bench -->`, '', '<!-- bench:other -->', 'kept $1', '<!-- /bench -->', ''
  ].join('\n'))
})

t.test('names the sections of a document', async (t) =>
  t.strictSame(sectionsIn(DOCUMENT), ['machine', 'single', 'other']))

t.test('filling twice changes nothing, whatever names and notes are', async () => {
  fc.assert(fc.property(
    fc.string(),
    fc.array(fc.string({ unit: fc.constantFrom('a', '|', '$', '&', ' ', '`') })),
    (what, notes) => {
      const result = resultOf(scenarioOf({ ratios: [ratioOf({ what })], notes }))
      const once = withFigures(DOCUMENT, result)
      return withFigures(once, result) === once
    }
  ))
})
