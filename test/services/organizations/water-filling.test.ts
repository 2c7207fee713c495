import fc from 'fast-check'
import t from 'tap'
import { sharedOut, waterLevel, type Column } from '../../../services/organizations/water-filling.ts'

const column: fc.Arbitrary<Column> = fc.record({
  demand: fc.nat({ max: 1_000_000 }).map((thousandths) => thousandths / 1_000),
  weight: fc.oneof(fc.constant(1), fc.double({ min: 0.01, max: 100, noNaN: true }))
})
const columns = fc.array(column, { maxLength: 40 })
const capacity = fc.nat({ max: 5_000_000 }).map((thousandths) => thousandths / 1_000)

const given = (one: Column, level: number) => one.demand * (1 - sharedOut(one, level))
const isNear = (one: number, other: number) => Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(other))
const holds = (t: { doesNotThrow: (run: () => void) => void }, property: fc.IRawProperty<[unknown, ...unknown[]]>) =>
  t.doesNotThrow(() => fc.assert(property))

t.test('fills columns to one level', async (t) => {
  const table: [demands: number[], capacity: number, level: number][] = [
    [[1, 2, 3], 6, Infinity],
    [[1, 2, 3], 5, 2],
    [[1, 2, 3], 3, 1],
    [[1, 2, 300], 53, 50],
    [[10, 10], 0, 0],
    [[0, 0], 0, Infinity],
    [[], 5, Infinity]
  ]
  for (const [demands, capacity, level] of table) {
    const columns = demands.map((demand) => ({ demand, weight: 1 }))
    t.equal(waterLevel(columns, capacity), level, `${demands} at ${capacity}`)
  }
  t.equal(waterLevel([{ demand: 90, weight: 2 }, { demand: 90, weight: 1 }], 60), 20, 'twice the weight gets 40')
  t.equal(sharedOut({ demand: 90, weight: 2 }, 20), 1 - 40 / 90)
})

t.test('gives away all of the capacity, or all that is demanded', async (t) => {
  holds(t, fc.property(columns, capacity, (columns, capacity) => {
    const level = waterLevel(columns, capacity)
    const demanded = columns.reduce((sum, { demand }) => sum + demand, 0)
    return isNear(columns.reduce((sum, one) => sum + given(one, level), 0), Math.min(demanded, capacity))
  }))
})

t.test('takes nothing from an organization whose demand is below an equal share of the capacity', async (t) => {
  holds(t, fc.property(columns, capacity, (columns, capacity) => {
    const level = waterLevel(columns, capacity)
    const weights = columns.reduce((sum, { weight }) => sum + weight, 0)
    return columns.every((one) =>
      one.demand > one.weight * capacity / weights * (1 - 1e-9) || sharedOut(one, level) === 0)
  }))
})

t.test('nobody who loses something gets less for its weight than another one', async (t) => {
  holds(t, fc.property(columns, capacity, (columns, capacity) => {
    const level = waterLevel(columns, capacity)
    const most = Math.max(0, ...columns.map((one) => given(one, level) / one.weight))
    return columns.every((one) => sharedOut(one, level) === 0 || isNear(given(one, level) / one.weight, most))
  }))
})

t.test('more weight never gets less, more capacity never gives anybody less', async (t) => {
  holds(t, fc.property(columns, column, capacity, fc.double({ min: 1, max: 50, noNaN: true }), (
    others, one, capacity, factor
  ) => {
    const before = given(one, waterLevel([...others, one], capacity))
    const heavier = { ...one, weight: one.weight * factor }
    return given(heavier, waterLevel([...others, heavier], capacity)) >= before * (1 - 1e-9) &&
      given(one, waterLevel([...others, one], capacity * factor)) >= before * (1 - 1e-9)
  }))
})

t.test('more demand of others never gives anybody more', async (t) => {
  holds(t, fc.property(columns, column, column, capacity, (others, flood, one, capacity) =>
    given(one, waterLevel([...others, flood, one], capacity)) <=
      given(one, waterLevel([...others, one], capacity)) * (1 + 1e-9)))
})
