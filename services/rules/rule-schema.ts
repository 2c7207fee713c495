import { Type, type Static, type TObject } from '@sinclair/typebox'
import type { RegistryEntry } from '../registry/load-folder.ts'
import type { ActionDefinition } from './action.ts'

/** Returns the schema of a rules file, composed of the schemas of the actions. */
export function rulesFileSchema (actions: readonly RegistryEntry<ActionDefinition>[]) {
  const expected = `exactly one of ${actions.map(({ name }) => name).join(', ')}`
  const fields: Record<string, TObject> = Object.fromEntries(actions.map(({ name, value }) => [name, value.schema]))
  // An object of optional keys rather than a union, whose errors would not say which part is wrong.
  const ActionSchema = Type.Partial(Type.Object(fields), {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    expected
  })

  return Type.Object({
    rules: Type.Array(Type.Object({
      id: Type.String({ minLength: 1, maxLength: 128 }),
      description: Type.Optional(Type.String()),
      types: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
      when: Type.Unknown(),
      actions: Type.Array(ActionSchema, { minItems: 1 })
    }, { additionalProperties: false }))
  }, { additionalProperties: false })
}

export type RulesFile = Static<ReturnType<typeof rulesFileSchema>>
