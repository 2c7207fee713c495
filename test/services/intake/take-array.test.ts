import t from 'tap'
import { takeArray } from '../../../services/intake/take-array.ts'
import { MOST_NAMES } from '../../../services/intake/json-limits.ts'
import { intake, newShare } from './hand-sink.ts'

const LIMITS = { mostEvents: 4, mostEventBytes: 1_000_000, room: { take: (_events: number) => true } }
const take = (json: string | Buffer, limits = LIMITS) => takeArray(Buffer.from(json), limits, intake, newShare())

t.test('takes in element after element, with their sizes', async (t) => {
  const taken = await take(' [1, "x", 22] ')
  t.match(taken, {
    ok: true,
    elements: [{ intake: { ok: true }, bytes: 1 }, {
      intake: { ok: false, errors: [{ message: 'Expected a number' }] },
      bytes: 3
    }, { bytes: 2 }]
  })
  t.strictSame(await take('[]'), { ok: true, elements: [] })
})

t.test('an event beyond a limit is refused, and the others are not', async (t) => {
  const names = `{${Array.from({ length: 2 * MOST_NAMES }, (_, index) => `"n${index}":1`).join(',')}}`
  const deep = '['.repeat(200) + ']'.repeat(200)
  const taken = await take(`[1,"${'x'.repeat(1_000_000)}",${names},${deep}]`)
  t.match(taken, {
    ok: true,
    elements: [
      { intake: { ok: true } },
      {
        reason: 'event-too-large',
        bytes: 1_000_002,
        intake: { errors: [{ field: '', message: /Larger than 1000000 bytes/ }] }
      },
      { intake: { errors: [{ message: /more than/ }] } },
      { intake: { errors: [{ message: /deeper/ }] } }
    ]
  })
})

t.test('the limit of an event counts bytes and not characters', async (t) => {
  const taken = await take(`["${'é'.repeat(500_000)}","${'é'.repeat(499_999)}"]`)
  t.match(taken, {
    ok: true,
    elements: [{ reason: 'event-too-large', bytes: 1_000_002 }, { reason: undefined, bytes: 1_000_000 }]
  })
})

t.test('refuses as a whole what is no array of events', async (t) => {
  const table: [json: string | Buffer, cause: string, message: RegExp][] = [
    ['{"type":"x"}', 'no-array', /^Expected an array of events; post a single event to \/api\/v1\/events$/],
    ['', 'no-array', /Expected an array/],
    [`{"type":"${'x'.repeat(100_000)}"}`, 'no-array', /Expected an array/],
    ['{"type"', 'invalid-json', /not valid JSON/], ['[1', 'invalid-json', /not valid JSON/],
    ['[1,]', 'invalid-json', /in element 1/], ['[1,{"__proto__":1}]', 'invalid-json', /forbidden.+in element 1/],
    ['[1,\ufeff1]', 'invalid-json', /byte-order mark/],
    [Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), 'invalid-json', /not UTF-8/],
    ['[1,2,3,4,5]', 'too-many-events', /More than 4 events/]
  ]
  for (const [json, cause, message] of table)
    t.match(await take(json), { ok: false, cause, message }, String(json).slice(0, 40))
})

t.test('asks for room as the number of its events grows, and stops where there is none', async (t) => {
  const asked: number[] = []
  const room = { take: (events: number) => asked.push(events) < 3 }
  const limits = { ...LIMITS, mostEvents: 10_000, room }
  t.match(await take(`[${'1,'.repeat(200)}1]`, limits), { ok: true })
  t.strictSame(asked, [], 'few take none')
  t.strictSame(await take(`[${'1,'.repeat(5_000)}1]`, limits), { ok: false, cause: 'no-room' })
  t.strictSame(asked, [256, 256, 256])
})
