import t from 'tap'
import { alike, brief, fixed, told } from '../../../bench/report/number.ts'

t.test('figures of a column have the same decimals, as many as the smallest needs', async (t) => {
  const table: [figures: (number | undefined)[], texts: string[]][] = [
    [[26_400.4, 310.9], ['26,400', '311']],
    [[30.123, 3.04, 0.296], ['30.12', '3.04', '0.30']],
    [[22.14, 27], ['22.1', '27.0']],
    [[0.0004, 12], ['0.00', '12.00']],
    [[0, 3, 12_345], ['0', '3', '12,345']],
    [[0, 0.5], ['0.00', '0.50']],
    [[-0.001, -1.5], ['0.00', '-1.50']],
    [[undefined, NaN, Infinity, 1.5], ['-', '-', '-', '1.50']],
    [[undefined], ['-']],
    [[], []]
  ]
  for (const [figures, texts] of table) t.strictSame(alike(figures), texts, String(figures))
  t.strictSame(alike([null as unknown as number, 2]), ['-', '2'], 'what JSON has no number for')
})

t.test('a figure that rounds to nothing has no sign', async (t) => {
  t.equal(fixed(-0.4, 0), '0')
  t.equal(fixed(-0.6, 0), '-1')
})

t.test('a figure on its own is as short as it can be told', async (t) => {
  const table: [figure: number, text: string][] = [
    [0, '0'],
    [0.1 + 0.2, '0.3'],
    [12_000, '12,000'],
    [1_000_000, '1,000,000'],
    [20_000_000, '20M'],
    [-2.5, '-2.5'],
    [0.00002, '0.00002'],
    [1e-9, '1e-9'],
    [1e15, '1000T']
  ]
  for (const [figure, text] of table) t.equal(brief(figure), text)
})

t.test('a ratio has two decimals, a large value none', async (t) => {
  const table: [figure: number, text: string][] = [
    [0.9723, '0.97'],
    [25.315, '25.32'],
    [99.994, '99.99'],
    [295.4, '295'],
    [-1_234.5, '-1,235'],
    [0, '0.00'],
    [NaN, '-']
  ]
  for (const [figure, text] of table) t.equal(told(figure), text)
})
