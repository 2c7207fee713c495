import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { SubjectResult } from '../compare.ts'

const { resolve } = createRequire(import.meta.url)
const PAGE = 'uplot/dist/uPlot'

/** The figures that have a chart, and what makes a bar of a result. */
const CHARTS: readonly (readonly [title: string, value: (result: SubjectResult) => number])[] = [
  ['Goodput, %', ({ goodput }) => 100 * goodput],
  ['Worth, %', ({ worth }) => 100 * worth],
  ['Minutes within the budget of normal, %', ({ minutesWithinBudget }) => 100 * minutesWithinBudget.normal],
  ['Minutes within the budget of low, %', ({ minutesWithinBudget }) => 100 * minutesWithinBudget.low],
  ['p99 wait of normal, seconds', ({ waitMs }) => waitMs.normal.p99 / 1_000],
  ['p99 wait of light organizations, seconds', ({ lightWaitMs }) => lightWaitMs / 1_000],
  ['Overshoot', ({ overshoot }) => overshoot],
  ['Recovery, seconds', ({ recoverySeconds }) => recoverySeconds]
]

/**
 * Writes a page that needs nothing but itself: the charts of the results with the chart library inside, and tables.
 */
export async function htmlReport (
  results: readonly SubjectResult[], tables: readonly (readonly (readonly string[])[])[] = []
): Promise<string> {
  const [script, style] = await Promise.all(
    [`${PAGE}.iife.min.js`, `${PAGE}.min.css`].map((file) => readFile(resolve(file), 'utf8'))
  )
  const charts = CHARTS.map(([title, value]) => ({ title, values: results.map(value) }))
  const data = JSON.stringify({ names: results.map(({ name }) => name), charts }).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Simulation</title>
<style>${style}</style>
<style>body { font: 14px system-ui; margin: 2rem } #charts { display: flex; flex-wrap: wrap; gap: 2rem }
table { border-collapse: collapse; margin: 2rem 0 } th, td { padding: 0.25rem 0.75rem; text-align: left }</style>
<h1>Simulation</h1><div id="charts"></div>
${tables.map(htmlTable).join('\n')}
<script>${script}</script>
<script>
const { names, charts } = ${data}
for (const { title, values } of charts) {
  new uPlot({
    title, width: 560, height: 280, legend: { show: false }, cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.6, names.length - 0.4] },
      y: { range: (_, low, high) => [Math.min(0, low), high || 1] }
    },
    axes: [{ splits: () => names.map((_, index) => index), values: () => names }, {}],
    series: [
      {}, { fill: '#4c78a8', stroke: '#4c78a8', paths: uPlot.paths.bars({ size: [0.6, 80] }), points: { show: false } }
    ]
  }, [names.map((_, index) => index), values], document.querySelector('#charts'))
}
</script></html>
`
}

/** A table whose first row is its head. Names come from producers, so each cell is text. */
function htmlTable ([head = [], ...rows]: readonly (readonly string[])[]): string {
  return `<table>${[htmlRow(head, 'th'), ...rows.map((row) => htmlRow(row, 'td'))].join('')}</table>`
}

function htmlRow (cells: readonly string[], tag: 'td' | 'th'): string {
  return `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
}

function escaped (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
