import t from 'tap'
import type { Level } from '../../../prove/event/level.ts'
import { factsOf } from '../../../prove/event/facts.ts'
import type { Form } from '../../../prove/event/origin.ts'
import { readAnswer } from '../../../prove/load/answer.ts'

const request = (form: Form, count = 1, level: Level = 'queued') => {
  const origin = { form, identity: 'none', bias: 'none' } as const
  return { origin, level, events: Array.from({ length: count }, (_, sequence) => factsOf(1, sequence, origin)) }
}
const [FACTS] = request('single').events as [ReturnType<typeof factsOf>]
const { type, priority } = FACTS
const shed = { reason: 'circuit-open', retryAfterSeconds: 4 }

t.test('of a single event', async (t) => {
  t.strictSame(
    readAnswer(request('single'), 202, undefined, {
      id: 'a',
      type,
      priority,
      status: 'accepted',
      durability: 'synced'
    }),
    {
      events: [{ index: 0, status: 'accepted', id: 'a', level: 'synced' }],
      contradictions: []
    }
  )
  t.strictSame(readAnswer(request('single'), 202, undefined, { id: 'a', type, priority, status: 'duplicate' }).events, [
    { index: 0, status: 'duplicate', id: 'a' }
  ])
  t.strictSame(
    readAnswer(request('single'), 202, undefined, {
      id: 'a',
      type,
      priority,
      status: 'duplicate',
      durability: 'spooled'
    }).events,
    [{ index: 0, status: 'duplicate', id: 'a', level: 'spooled' }]
  )
  t.strictSame(readAnswer(request('single'), 503, '4', shed), {
    events: [{ index: 0, status: 'shed', reason: 'circuit-open' }],
    contradictions: []
  })
  t.strictSame(readAnswer(request('single'), 409, '1', {}), {
    events: [{ index: 0, status: 'conflict' }],
    contradictions: []
  })
  t.strictSame(readAnswer(request('single', 1, 'synced'), 501, undefined, {}), { events: [], contradictions: [] })
})

t.test('what does not agree with the request or the contract is told', async (t) => {
  const table: [form: Form, status: number, retryAfter: string | undefined, body: unknown][] = [
    ['single', 202, undefined, { id: '', type, priority, status: 'accepted' }],
    ['single', 202, undefined, { id: 'a', type: 'other', priority, status: 'accepted' }],
    ['single', 202, undefined, { id: 'a', type, priority: 11, status: 'accepted' }],
    ['single', 202, undefined, { id: 'a', type, priority, status: 'shed' }],
    ['single', 202, undefined, undefined],
    ['single', 207, undefined, {}],
    ['single', 400, undefined, {}],
    ['single', 500, undefined, {}],
    ['single', 501, undefined, {}],
    ['single', 503, undefined, shed],
    ['single', 503, '5', shed],
    ['single', 503, '500', { ...shed, retryAfterSeconds: 500 }],
    ['single', 409, 'soon', {}],
    ['array', 202, undefined, { accepted: 2, results: [{ index: 0, status: 'accepted', id: 'a' }] }],
    ['array', 202, undefined, { accepted: 1, results: [] }],
    ['array', 202, undefined, { accepted: 1, results: [{ index: 0, status: 'accepted' }] }],
    ['array', 207, undefined, { accepted: 0, results: [{ index: 0, status: 'invalid' }] }],
    ['stream', 202, undefined, { accepted: 2, results: [] }],
    ['stream', 207, undefined, { accepted: 0, results: [{ index: 0, status: 'invalid' }] }]
  ]
  for (const [form, status, retryAfter, body] of table) {
    t.not(
      readAnswer(request(form), status, retryAfter, body).contradictions.length,
      0,
      `${form} ${status} ${JSON.stringify(body)}`
    )
  }
})

t.test('of an array, by its results', async (t) => {
  const results = [
    { index: 0, status: 'accepted', id: 'a', durability: 'spooled' },
    { index: 1, status: 'shed', reason: 'queue-full' },
    { index: 2, status: 'duplicate', id: 'b' },
    { index: 3, status: 'duplicate', id: 'c', durability: 'spooled' }
  ]
  t.strictSame(readAnswer(request('array', 4), 207, '1', { accepted: 1, duplicate: 2, shed: 1, results }), {
    events: [
      { index: 0, status: 'accepted', id: 'a', level: 'spooled' },
      { index: 1, status: 'shed', reason: 'queue-full' },
      { index: 2, status: 'duplicate', id: 'b' },
      { index: 3, status: 'duplicate', id: 'c', level: 'spooled' }
    ],
    contradictions: []
  })
  t.strictSame(
    readAnswer(request('array', 2), 503, '4', { ...shed, accepted: 0, results: [] }).events.map(({ status }) => status),
    ['shed', 'shed']
  )
})

t.test('of a stream, all lines that are not listed, with the weakest level that is named', async (t) => {
  const stored = (body: object, count = 4) =>
    readAnswer(request('stream', count), 207, '1', body)
      .events.filter(({ status }) => status === 'accepted')
      .map(({ index }) => index)
  t.strictSame(stored({ accepted: 4, results: [] }), [0, 1, 2, 3])
  t.strictSame(
    stored({
      accepted: 2,
      shed: 2,
      results: [
        { index: 1, status: 'shed' }, { index: 3, status: 'shed' }
      ]
    }),
    [0, 2]
  )
  t.strictSame(stored({ accepted: 2, results: [], stoppedAfterLine: 2 }), [0, 1])
  t.strictSame(
    stored({ accepted: 3, results: [{ index: 1, status: 'shed' }], resultsTruncated: true }),
    [],
    'nobody can tell which'
  )
  const levels = (counts: object, asked: Level = 'queued') =>
    readAnswer(request('stream', 1, asked), 202, undefined, {
      accepted: 1, results: [], durability: counts
    }).events.map(({ level, isLevelVague }) => [level, isLevelVague])
  t.strictSame(levels({ queued: 0, synced: 1, spooled: 0 }), [['synced', undefined]])
  t.strictSame(levels({ queued: 1, synced: 0, spooled: 1 }), [['queued', true]])
})
