import t from 'tap'
import { oncePerSchema } from '../../../services/schema/once-per-schema.ts'

const text = (description?: string) => ({ type: 'string', ...description !== undefined && { description } })
const holding = (...properties: [name: string, schema: unknown][]) =>
  ({ type: 'object', properties: Object.fromEntries(properties) })

t.test('schemas that differ in their descriptions alone are compiled once, and others apart', async (t) => {
  let compiled = 0
  const compile = oncePerSchema(() => ++compiled)
  const CASES: [name: string, schema: unknown, number: number][] = [
    ['the first', holding(['name', text()]), 1],
    ['an equal one', holding(['name', text()]), 1],
    ['one with descriptions', { ...holding(['name', text('The name.')]), description: 'A thing.' }, 1],
    ['another name', holding(['names', text()]), 2],
    ['another type', holding(['name', { type: 'number' }]), 3],
    ['a property that is named description', holding(['name', text()], ['description', text()]), 4],
    ['a schema of all values', true, 5]
  ]
  for (const [name, schema, number] of CASES) t.equal(compile({ schema }), number, name)
})
