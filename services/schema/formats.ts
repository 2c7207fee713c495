/*
 * Adds the times of RFC 3339 to the schema library, and messages that name the expected fields and values.
 */
import { FormatRegistry, KindGuard, type TSchema } from '@sinclair/typebox'
import { DefaultErrorFunction, SetErrorFunction, ValueErrorType } from '@sinclair/typebox/errors'
import { EXPECTED_DATE_TIME, isDateTime } from '../event/date-time.ts'

FormatRegistry.Set('date-time', isDateTime)
SetErrorFunction((error) => {
  const { errorType, schema } = error
  if (errorType === ValueErrorType.StringFormat && schema.format === 'date-time') return EXPECTED_DATE_TIME
  // A record has no fixed names.
  if (errorType === ValueErrorType.ObjectAdditionalProperties && KindGuard.IsObject(schema)) {
    return `Unexpected property; expected are ${Object.keys(schema.properties).join(', ')}`
  }
  const values = errorType === ValueErrorType.Union ? valuesOf(schema) : undefined
  return values === undefined ? DefaultErrorFunction(error) : `Expected one of ${values.join(', ')}`
})

/** The values of a union of literals and null; undefined for any other. */
function valuesOf ({ anyOf }: TSchema): string[] | undefined {
  const options = anyOf as TSchema[]
  const values = options.flatMap((option) =>
    KindGuard.IsLiteral(option) ? [String(option.const)] : KindGuard.IsNull(option) ? ['null'] : [])
  return values.length === options.length ? values : undefined
}
