import type { TSchema } from '@sinclair/typebox'
import fc from 'fast-check'
import { EnvelopeSchema, type Envelope } from '../services/event/event.ts'

/** Values of a schema of JSON. */
function valuesOf (schema: TSchema): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...(schema.anyOf as TSchema[]).map(valuesOf))
  switch (schema.type) {
    case 'string': return fc.string()
    case 'boolean': return fc.boolean()
    case 'integer':
    case 'number': return fc.integer({ min: schema.minimum as number ?? 0, max: schema.maximum as number ?? 1e15 })
    case 'array': return fc.array(valuesOf(schema.items as TSchema), { maxLength: 3 })
    case 'object': {
      const [values] = Object.values(schema.patternProperties as Record<string, TSchema> ?? {})
      return values === undefined
        ? membersOf(schema.properties as Record<string, TSchema>)
        : fc.dictionary(fc.stringMatching(/^[a-z]+$/), valuesOf(values))
    }
    default: throw new Error(`no values for ${JSON.stringify(schema)}`)
  }
}

function membersOf (properties: Readonly<Record<string, TSchema>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema)])))
}

/** Values for some of the fields that Spillway assigns, whatever they are, those left out that each event has. */
export const assignedValues: fc.Arbitrary<Partial<Envelope>> = (() => {
  const { id: _, priority: __, receivedAt: ___, ...others } = EnvelopeSchema.properties
  const names = Object.keys(others)
  return fc.tuple(membersOf(others), fc.subarray(names)).map(([values, chosen]) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => chosen.includes(name))) as Partial<Envelope>)
})()
