import { Type } from '@sinclair/typebox'
import { bytes } from '../key-types.ts'

/** Keys of dead letters. */
export const deadLetterKeys = {
  DEAD_LETTER_MAX_EVENTS: Type.Integer({
    default: 1_000_000,
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'Most dead letters that are kept; DEAD_LETTER_OVERFLOW says what happens at that number'
  }),
  DEAD_LETTER_MAX_BYTES: bytes(
    'Most bytes of dead letters that are kept; DEAD_LETTER_OVERFLOW says what happens then',
    '0.2 of the capacity of Redis'
  ),
  DEAD_LETTER_OVERFLOW: Type.Union([Type.Literal('hold'), Type.Literal('discard-oldest')], {
    default: 'hold',
    description:
      'At DEAD_LETTER_MAX_EVENTS or DEAD_LETTER_MAX_BYTES of dead letters: workers take no further batch until ' +
      'there is room again, or the oldest of the largest group (organization, type and reason) are discarded'
  })
}
