/*
 * Payloads of all shapes as JSON text. Each is a pure function of a stream of random numbers and the sequence number of
 * its event, so that the text can be made again when the event arrives.
 */
import { integer, pick, type Random } from '../../rig/random.ts'

/** A kind of payload. */
export interface PayloadShape {
  readonly name: string
  /** Its relative frequency. */
  readonly weight: number
  /** Whether the text holds the sequence number as the member `sequence`, so that it identifies the event. */
  readonly namesSequence: boolean
  readonly make: (random: Random, sequence: number) => string
}

const object = (sequence: number, members: string) => `{"sequence":${sequence}${members === '' ? '' : `,${members}`}}`
const words = (random: Random, count: number) => Array.from({ length: count }, () => pick(random, WORDS)).join(' ')

const WORDS = [
  'über', 'naïve', '日本語', 'שלום', '👩‍🚀', 'e\u0301', '\u2028', 'plain', 'a"b\\c', '\u0000', '\u001f', 'tab\tline\n',
  '</script>', '\ufeff', '\ud800'
]
const NUMBERS = [
  '0', '-1', '0.1', '1.5e-7', '123456.789', '9007199254740991', '-2.5', '1e+21', '5e-324', '1.7976931348623157e+308'
]
/** Numbers that change when a program parses them as doubles and writes them again. */
const EXACT_NUMBERS = [
  '12345678901234567890', '1e400', '-1E-400', '0.1000000000000000000001', '1.0', '-0', '1E5',
  '100000000000000000000000.5'
]
const LARGEST_NESTING = 85

/** Shapes that stay the same when JSON is parsed and written again. */
const PLAIN: readonly PayloadShape[] = [
  {
    name: 'small',
    weight: 50,
    namesSequence: true,
    make: (random, sequence) =>
      object(sequence, random() < 0.5 ? '' : `"mark":"${'x'.repeat(integer(random, 0, 140))}"`)
  },
  {
    name: 'numbers',
    weight: 8,
    namesSequence: true,
    make: (random, sequence) =>
      object(
        sequence,
        `"numbers":[${Array.from({ length: integer(random, 1, 8) }, () => pick(random, NUMBERS)).join(',')}]`
      )
  },
  {
    name: 'unicode',
    weight: 8,
    namesSequence: true,
    make: (random, sequence) =>
      object(sequence, `"text":${JSON.stringify(words(random, 5))},${JSON.stringify(`k-${words(random, 1)}`)}:true`)
  },
  {
    name: 'nested',
    weight: 4,
    namesSequence: true,
    make: (random, sequence) => nested(integer(random, 2, LARGEST_NESTING), sequence)
  },
  {
    name: 'wide',
    weight: 2,
    namesSequence: true,
    make: (random, sequence) =>
      object(sequence, Array.from({ length: integer(random, 20, 120) }, (_, index) => `"k${index}":${index}`).join(','))
  },
  {
    name: 'kilobytes',
    weight: 2,
    namesSequence: true,
    make: (random, sequence) => object(sequence, `"filler":"${'y'.repeat(integer(random, 1_000, 12_000))}"`)
  },
  {
    name: 'bare',
    weight: 6,
    namesSequence: false,
    make: (random) =>
      pick(random, ['null', 'true', 'false', '0', '42', '""', '"text"', '[]', '{}', '[1,[2],{"a":null}]'])
  }
]

/** Shapes that arrive as posted only if Spillway keeps their text unchanged. */
const EXACT: readonly PayloadShape[] = [
  {
    name: 'exact numbers',
    weight: 6,
    namesSequence: true,
    make: (random, sequence) =>
      object(
        sequence,
        `"exact":[${Array.from({ length: integer(random, 1, 4) }, () => pick(random, EXACT_NUMBERS)).join(',')}]`
      )
  },
  { name: 'bare exact numbers', weight: 2, namesSequence: false, make: (random) => pick(random, EXACT_NUMBERS) },
  {
    name: 'repeated keys',
    weight: 4,
    namesSequence: true,
    make: (random, sequence) => object(sequence, `"a":1,"b":{"c":${integer(random, 0, 9)},"c":2},"a":"two"`)
  },
  {
    name: 'spaces',
    weight: 4,
    namesSequence: true,
    make: (random, sequence) =>
      `{ "sequence" :\t${sequence} , "list":[ 1 ,2,  ${integer(random, 0, 9)} ], "empty": { } }`
  },
  {
    name: 'escapes',
    weight: 4,
    namesSequence: true,
    make: (random, sequence) =>
      object(sequence, `"\\u0061\\/b":"\\u00e9\\u2028\\ud83d\\ude00 ${integer(random, 0, 9)}"`)
  },
  {
    name: 'keys like numbers',
    weight: 2,
    namesSequence: true,
    make: (random, sequence) => object(sequence, `"10":1,"9":2,"${integer(random, 0, 8)}":3`)
  }
]

/** All shapes of the load. */
export const SHAPES: readonly PayloadShape[] = [...PLAIN, ...EXACT]

const TOTAL_WEIGHT = SHAPES.reduce((sum, { weight }) => sum + weight, 0)

/** Picks one of the shapes by weight. */
export function pickShape (random: Random): PayloadShape {
  let left = random() * TOTAL_WEIGHT
  return SHAPES.find(({ weight }) => (left -= weight) < 0) ?? SHAPES[0] as PayloadShape
}

/** Makes a payload whose text has exactly so many bytes. */
export function payloadOfBytes (sequence: number, bytes: number): string {
  const empty = object(sequence, '"filler":""')
  return object(sequence, `"filler":"${'z'.repeat(Math.max(0, bytes - empty.length))}"`)
}

function nested (levels: number, sequence: number): string {
  return object(
    sequence,
    `"in":${'[{"in":'.repeat(Math.floor(levels / 2))}${sequence}${'}]'.repeat(Math.floor(levels / 2))}`
  )
}
