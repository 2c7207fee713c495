/* Hostile texts and values, generated. */
import * as fc from 'fast-check'

/** Texts that readers treat specially: escapes of terminals, markup, paths, formats, separators. */
const SPECIAL = [
  '', ' ', '\0', '\u001b[2J', '\u009b31m', '\u202egnp', '\ufeff', '\r\nX: 1', '\n{"level":60}', '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>', '../../etc/passwd', '%00', '%s%n', '${7*7}', '__proto__', 'constructor', 'toString',
  "' OR 1=1 --", '{{7*7}}', '\u{1f4a9}', '\ud800', '-0', 'NaN', '1e999', '2147483648', '9007199254740993', '\u2028'
]
const KEYS = [
  'type', 'payload', 'priority', 'organizationId', 'id', 'occurredAt', 'expiresAt', 'specversion', 'source', 'data',
  'data_base64', 'datacontenttype', '__proto__', 'constructor', 'prototype', 'toJSON', 'hasOwnProperty', 'then', ''
]

/** Any text: special, of any characters, or long. */
export const anyText = fc.oneof(
  fc.constantFrom(...SPECIAL),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.tuple(fc.constantFrom('a', '\u00e9', '/', '[', '\\'), fc.integer({ min: 200, max: 5_000 })).map(([unit, count]) =>
    unit.repeat(count)
  )
)

const anyNumber = fc.oneof(
  fc.integer(), fc.double(),
  fc.constantFrom('1e999', '-0', '1E-999', '9'.repeat(400), '0x10', '01', '1.', '+1', 'NaN', 'Infinity', '0.1e')
).map(String)

const anyScalar = fc.oneof(
  anyNumber, fc.constantFrom('null', 'true', 'false', 'undefined', 'nul', '"\\ud800"', '"\\u0000"', '"\\x"', "'a'"),
  anyText.map((text) => JSON.stringify(text))
)

/** JSON text, nearly: valid and invalid parts mixed, names that repeat, names of the schema beside foreign ones. */
const anyJson = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyScalar,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc.array(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), anyText), tie('value')), { maxLength: 6 }).map((members) =>
      `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
    )
  )
})).value

/** An event in which some fields are wrong. */
const nearlyEvent = fc.tuple(
  fc.oneof(fc.subarray([...KEYS], { maxLength: 1 }), fc.subarray([...KEYS])),
  fc.array(anyScalar, { minLength: KEYS.length, maxLength: KEYS.length })
).map(([names, values]) =>
  `{"type":"fuzzed","payload":1${names.map((name, index) => `,"${name}":${values[index]}`).join('')}}`
)

const damaged = fc.tuple(nearlyEvent, fc.nat(), fc.constantFrom('', '\0', '"', '\u0080', '{', '\n', ',')).map(
  ([text, at, insert]) => `${text.slice(0, at % (text.length + 1))}${insert}${text.slice((at + 1) % (text.length + 1))}`
)

/** A body in any of many wrong forms, as bytes. */
export const anyBody = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(anyJson, nearlyEvent, damaged).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.array(nearlyEvent, { maxLength: 5 }).map((lines) => Buffer.from(lines.join('\n'))) },
  { weight: 1, arbitrary: fc.array(nearlyEvent, { maxLength: 5 }).map((items) => Buffer.from(`[${items.join(',')}]`)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: nearlyEvent.chain((text) =>
      fc.constantFrom<BufferEncoding>('utf16le', 'latin1').map((encoding) =>
        Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, encoding)])
      )
    )
  }
)
