import fc from 'fast-check'
import t from 'tap'
import { isDateTime } from '../../../services/event/date-time.ts'

t.test('an offset has hours, a colon and minutes, or is Z', async (t) => {
  const table: [offset: string, isTaken: boolean][] = [
    ['Z', true], ['z', true], ['+00:00', true], ['+05:30', true], ['-11:00', true], ['+23:59', true], ['+14:00', true],
    // In UTC, and the local offset is unknown: RFC 3339, section 4.3.
    ['-00:00', true],
    ['+0530', false],
    ['-0530', false],
    ['+05', false],
    ['-05', false],
    ['+0000', false],
    ['-0000', false],
    ['-00', false],
    ['+5:30', false],
    ['+05:3', false],
    ['+05:300', false],
    ['+05:60', false],
    ['+24:00', false],
    ['05:30', false],
    ['+05:30Z', false],
    [' Z', false],
    [' +05:30', false],
    ['Z ', false],
    ['', false],
    ['+', false],
    ['\u221205:30', false],
    ['UTC', false],
    ['GMT', false],
    ['+05:30[Asia/Kolkata]', false]
  ]
  for (const [offset, isTaken] of table) {
    for (const time of ['10:00:00', '10:00:00.5'])
      t.equal(isDateTime(`2026-03-01T${time}${offset}`), isTaken, `${time}${offset}`)
  }
})

t.test('a day has 24 hours, an hour 60 minutes, and a leap second ends a day in UTC', async (t) => {
  const table: [time: string, isTaken: boolean][] = [
    ['23:59:59Z', true], ['23:59:60Z', true], ['00:59:60+01:00', true], ['10:59:60Z', false],
    ['24:00:00Z', false], ['24:59:59+01:00', false], ['25:59:59+02:00', false], ['24:59:60+01:00', false],
    ['23:60:30+00:01', false]
  ]
  for (const [time, isTaken] of table) t.equal(isDateTime(`2026-03-01T${time}`), isTaken, time)
})

t.test('every time that it takes is one that JavaScript reads as well, but for leap seconds', async (t) => {
  const two = (most: number) => fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, '0'))
  const offset = fc.oneof(
    fc.constantFrom('Z', '-00:00'),
    fc.tuple(fc.constantFrom('+', '-'), two(29), two(69)).map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`)
  )
  const time = fc.tuple(two(13), two(32), two(25), two(59), offset).map(([month, day, hours, rest, end]) =>
    `2026-${month}-${day}T${hours}:${rest}:${rest}${end}`
  )
  fc.assert(fc.property(time, (text) => !isDateTime(text) || Number.isFinite(Date.parse(text))), { numRuns: 500 })
  t.pass()
})
