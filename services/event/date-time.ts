import { fullFormats } from 'ajv-formats/dist/formats.js'

const { validate: isPossible } = fullFormats['date-time'] as { validate: (value: string) => boolean }

/**
 * The shape of RFC 3339, section 5.6: a T between day and time, and Z or an offset of hours, colon and minutes. ISO
 * 8601 also allows a space, `+0530` and `+05`, and the library accepts those; receivers of events need not. `-00:00` is
 * a time in UTC whose local offset is unknown (section 4.3). `-0000`, which mail headers use, is not RFC 3339. The
 * library also accepts 24:59:59+01:00 as a leap second.
 */
const SHAPE = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

/** The error message for other texts. */
export const EXPECTED_DATE_TIME =
  'Expected a time of RFC 3339, such as 2026-03-01T10:00:00Z or 2026-03-01T15:30:00+05:30'

/** Tells whether a text is an existing date and time of RFC 3339; leap seconds exist. */
export function isDateTime (value: string): boolean {
  return SHAPE.test(value) && isPossible(value)
}
