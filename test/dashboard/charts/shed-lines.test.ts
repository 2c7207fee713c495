import { readFileSync } from 'node:fs'
import t from 'tap'
import { SHED_LINES, shedColumns } from '../../../dashboard/charts/shed-lines.js'

const place = (name: string) => SHED_LINES.findIndex((line) => line.name === name)

t.test('reasons without a line of their own are added up', async (t) => {
  const columns = shedColumns({ 'circuit-open': [1, 2], 'of-our-own': [3, null], another: [4, 5] }, [10, 11], [0, 0])
  t.strictSame(columns[place('circuit-open')], [1, 2])
  t.strictSame(columns[place('other reasons')], [7, 5])
  t.strictSame(columns[place('queue-full')], [0, 0])
})

t.test('seconds of which nothing is known have no refusals, not none', async (t) => {
  const columns = shedColumns({ 'circuit-open': [1, null, null] }, [10, 11, 12], [null, null, 0])
  t.strictSame(columns[place('circuit-open')], [1, null, 0])
})

t.test('no two lines share a colour or, side by side, a texture', async (t) => {
  t.equal(new Set(SHED_LINES.map(({ colour }) => colour)).size, SHED_LINES.length)
  for (const [index, { texture }] of SHED_LINES.slice(1).entries()) t.not(texture, SHED_LINES[index]?.texture)
})

/** Linear light of a component of a colour, 0 to 255. */
const linear = (value: number) => value <= 10.3 ? value / 3_294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4

/** The colour in OKLab (Ottosson, 2020), in which equal distances look equally different. */
function oklab (hex: string): [number, number, number] {
  const [r, g, b] = [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16))) as [number, number, number]
  const l = Math.cbrt(0.41222147 * r + 0.53633254 * g + 0.05144599 * b)
  const m = Math.cbrt(0.2119035 * r + 0.68069955 * g + 0.10739696 * b)
  const s = Math.cbrt(0.08830246 * r + 0.28171884 * g + 0.6299787 * b)
  return [
    0.21045426 * l + 0.79361779 * m - 0.00407205 * s,
    1.9779985 * l - 2.42859221 * m + 0.45059371 * s,
    0.02590404 * l + 0.78277177 * m - 0.80867577 * s
  ]
}

t.test('lines of one texture differ clearly in colour, in both schemes', async (t) => {
  const tokens = readFileSync(new URL('../../../dashboard/style/tokens.css', import.meta.url), 'utf8')
  const schemesOf = (colour: string) => {
    const pair = new RegExp(`--${colour}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(tokens)
    if (pair === null) throw new Error(`no colour ${colour}`)
    return pair.slice(1).map(oklab)
  }
  for (const [index, one] of SHED_LINES.entries()) {
    for (const other of SHED_LINES.slice(index + 1).filter(({ texture }) => texture === one.texture)) {
      const others = schemesOf(other.colour)
      for (const [scheme, lab] of schemesOf(one.colour).entries()) {
        const distance = Math.hypot(...lab.map((value, axis) => value - (others[scheme]?.[axis] ?? NaN)))
        t.ok(distance > 0.1, `${one.name} and ${other.name}: ${distance}`)
      }
    }
  }
})
