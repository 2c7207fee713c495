import { outOfOrder } from '../admission/thresholds.ts'
import type { FieldError } from '../event/field-error.ts'
import type { FieldTest } from './part.ts'

/**
 * Returns an error for each field whose value is out of order with that of the field before or after it.
 *
 * @param fields the fields in the order of their values, each with its path and its name in the message
 * @param sign `<` if values have to ascend, `≤` if they may be equal
 */
export function orderErrors (
  fields: readonly { readonly field: string, readonly name: string, readonly value: number }[], sign: '<' | '≤',
  isValid: FieldTest
): FieldError[] {
  const valid = fields.filter(({ field }) => isValid(field))
  const message = `Expected values in the order ${valid.map(({ name, value }) => `${name} (${value})`).join(` ${sign} `)}`
  const wrong = outOfOrder(valid.map(({ value }) => value), sign === '≤')
  return wrong.map((index) => ({ field: valid[index]!.field, message }))
}
