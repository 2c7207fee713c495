import type { TSchema } from '@sinclair/typebox'

/**
 * Describes the allowed values of a key for people; derived from the schema, so no message disagrees with the check.
 */
export function allowedValues (schema: TSchema): string {
  if (schema.anyOf !== undefined)
    return `one of ${(schema.anyOf as TSchema[]).map((option) => option.const).join(', ')}`
  switch (schema.type) {
    case 'boolean':
      return 'true or false'
    case 'number':
      return `number from ${schema.minimum} to ${schema.maximum}`
    case 'integer':
      return schema.maximum === undefined
        ? `integer of at least ${schema.minimum}`
        : `integer from ${schema.minimum} to ${schema.maximum}`
    default:
      return allowedText(schema)
  }
}

function allowedText ({ minLength, allowed }: TSchema): string {
  // People cannot read patterns: the schema describes them in words.
  if (typeof allowed === 'string') return allowed
  // An empty variable counts as unset, so a minimum of 1 is no limit that anyone could meet.
  return minLength > 1 ? `text of at least ${minLength} characters` : 'text'
}
