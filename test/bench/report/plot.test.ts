import t from 'tap'
import fc from 'fast-check'
import { plotSvg, type Plot } from '../../../bench/report/plot.ts'

const PLOT: Plot = {
  title: 'Growth <of> "things"', xLabel: 'things & more', yLabel: 'CPU per event, µs', xScale: 'log',
  series: [
    { name: 'server', points: [{ x: 1_000, y: 30, least: 29, most: 31 }, { x: 0, y: 28 }] },
    { name: 'redis', points: [{ x: 0, y: 3.14159 }, { x: 1_000, y: NaN }] },
    { name: 'absent', points: [] }
  ]
}

const texts = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text)

t.test('has title, labels with units, ticks and the name of every series that has points', async (t) => {
  t.strictSame(texts(plotSvg(PLOT)), [
    'Growth &lt;of&gt; &quot;things&quot;',
    'CPU per event, µs',
    '0',
    '10',
    '20',
    '30',
    '40',
    '0',
    '1,000',
    '2,000',
    'things &amp; more',
    'server',
    'redis'
  ])
})

t.test('tells its figures to those who do not see them', async (t) => {
  const svg = plotSvg(PLOT)
  t.match(svg, /^<svg [^>]*role="img"[^>]*>\n<title>Growth &lt;of&gt; &quot;things&quot;<\/title>\n<desc>/)
  t.match(svg, '<desc>CPU per event, µs, by things &amp; more. server: 28 at 0, 30 at 1,000. redis: 3.14 at 0.</desc>')
})

t.test('draws a line through the points from left to right, and a whisker where the rounds are known', async (t) => {
  const svg = plotSvg(PLOT)
  const count = (kind: string) => svg.match(new RegExp(`<path class="${kind}"`, 'g'))?.length
  t.equal(count('line'), 2)
  t.equal(count('whisker'), 1)
  t.equal(count('marker'), 3)
  const line = /class="line" d="M ([\d.]+) [\d.]+ ([\d.]+) [\d.]+"/.exec(svg)
  t.ok(Number(line?.[1]) < Number(line?.[2]))
})

t.test('a series keeps its look where it is set', async (t) => {
  const groups = (series: Plot['series']) =>
    [...plotSvg({ ...PLOT, series }).matchAll(/<g class="series-(\d)">/g)].map(([, look]) => look)
  const points = [{ x: 1, y: 1 }]
  t.strictSame(groups([{ name: 'a', points }, { name: 'b', points }]), ['0', '1'])
  t.strictSame(groups([{ name: 'b', points, look: 1 }, { name: 'h', points, look: 7 }]), ['1', '1'])
})

t.test('follows the colour scheme of the reader', async (t) => {
  t.match(plotSvg(PLOT), '@media (prefers-color-scheme: dark)')
})

t.test('is whole, finite and inside its picture, whatever the numbers and the words', async () => {
  const any = fc.double()
  const point = fc.record({ x: any, y: any, least: any, most: any }, { requiredKeys: ['x', 'y'] })
  const words = fc.string({ unit: fc.constantFrom(...'<>"\'&; a#', '\u0000', '\ud83c', '\udf0a') })
  const plot = fc.record({
    title: words, xLabel: words, yLabel: words, xScale: fc.constantFrom('linear' as const, 'log' as const),
    series: fc.array(fc.record({ name: words, points: fc.array(point, { maxLength: 6 }) }), { maxLength: 9 })
  })
  fc.assert(fc.property(plot, (plot) => {
    const svg = plotSvg(plot)
    const numbers = [...svg.matchAll(/ (?:d|x|y|width|height)="([^"]*)"/g)].flatMap(([, value]) =>
      value?.match(/[^\sA-Za-z]+|NaN|Infinity/g) ?? []
    )
    const opened = svg.match(/<[a-z]+[ >]/g)?.length ?? 0
    const closed = svg.match(/<\/[a-z]+>|\/>/g)?.length ?? 0
    return opened === closed && numbers.every((number) => Math.abs(Number(number)) <= 720)
  }))
})
