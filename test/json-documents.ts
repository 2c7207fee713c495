import fc from 'fast-check'

const MOST_DEPTH = 4

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })

/** Texts of strings, with what has to be escaped written in more than one way. */
const stringText = fc.array(
  fc.oneof(
    fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text).slice(1, -1)),
    fc.constantFrom(
      '\\u0041',
      '\\u00e9',
      'é',
      '\\ud83d\\ude00',
      '😀',
      '\\/',
      '/',
      '\\\\',
      '\\"',
      '\\n',
      '{',
      '[',
      ']',
      '}',
      ',',
      ':',
      '\\u2028',
      '\u2028',
      '\\u0000'
    )
  ),
  { maxLength: 4 }
).map((parts) => `"${parts.join('')}"`)

const numberText = fc.oneof(
  fc.constantFrom(
    '-0', '1.0', '1E5', '1e400', '-1e400', '12345678901234567890', '0.1000', '1e-999', '9007199254740993',
    '3.141592653589793238462643383279502884197'
  ),
  fc.integer().map(String), fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)
)

/**
 * Names that come twice now and then, and that look like those of an event. Without escapes: after tens of thousands of
 * texts JSON.parse of Node.js 24 now and then makes a name with escapes another property than the same name without,
 * and would be no measure.
 */
const nameText = fc.oneof(
  fc.constantFrom('payload', 'payloa', 'payload ', 'data', 'a', '', 'type', 'é', '{', ']', ':'),
  fc.string({ unit: fc.constantFrom('p', 'a', 'y', ',', '}', 'é', '😀'), maxLength: 6 })
).map((name) => `"${name}"`)

const spaced = (text: fc.Arbitrary<string>) => fc.tuple(space, text, space).map((parts) => parts.join(''))

const { value } = fc.letrec<{ value: string, object: string, array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: MOST_DEPTH },
    fc.oneof(stringText, numberText, fc.constantFrom('null', 'true', 'false', '{}', '[]', '{ }', '[\n]')),
    tie('object'),
    tie('array')
  ),
  object: fc.tuple(space, fc.array(fc.tuple(spaced(nameText), spaced(tie('value'))), { maxLength: 5 }))
    .map(
      ([inside, members]) => `{${members.length === 0 ? inside : members.map((member) => member.join(':')).join(',')}}`
    ),
  array: fc
    .tuple(space, fc.array(spaced(tie('value')), { maxLength: 5 }))
    .map(([inside, elements]) => `[${elements.length === 0 ? inside : elements.join(',')}]`)
}))

/** A name, as JSON, that parses of JSON from outside refuse. */
const isPoison = (text: string) => /__proto__|constructor/.test(JSON.stringify(JSON.parse(text)))

/**
 * Texts of any JSON value: white space wherever it may stand, names that come twice, numbers that JavaScript cannot
 * hold.
 */
export const jsonText = value.filter((text) => !isPoison(text))

/** White space as it may stand around a value. */
export const whiteSpace = space

/** Payloads that parsing and writing again would change. */
export const AWKWARD_PAYLOADS: readonly string[] = [
  '12345678901234567890',
  '-9007199254740993',
  '1e400',
  '-1e400',
  '-0',
  '1.0',
  '1E5',
  '0.10',
  `1${'0'.repeat(400)}`,
  `0.${'3'.repeat(1_000)}`,
  '""', '"\\u00e9\\u0041"', '"\\/"', '"\\ud83d\\ude00 😀"', '"\\\\\\""', '"]}, \\"payload\\":1"', 'null', 'true',
  '{"a":1,"a":2}',
  '{"a":{"b":1,"b":2.0},"a":{"b":3}}',
  '{ "a" :\t[ 1.50 ,\r\n 2 ] }',
  '{}',
  '[ ]',
  '{"payload":{"payload":1.0},"data":2}',
  `${'['.repeat(97)}1.0${']'.repeat(97)}`
]
