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
