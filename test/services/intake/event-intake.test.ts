import fc from 'fast-check'
import t from 'tap'
import { EventIntake, type Intake } from '../../../services/intake/event-intake.ts'
import { PriorityMap } from '../../../services/event/priority-map.ts'
import { ANONYMOUS } from '../../../services/producer/producer.ts'

const intake = new EventIntake(new PriorityMap({ alarm: 1, report: 9, 'telemetry-data': 4 }, 6), true)
const receivedAt = '2026-03-01T10:00:00.000Z'
const context = { producer: ANONYMOUS, receivedAt, durability: 'queued' as const }
const CLOUD_EVENT = { specversion: '1.0', id: '1', source: '/s', type: 'x' }

const fieldsOf = (taken: Intake) => taken.ok ? [] : taken.errors.map(({ field }) => field)
const eventOf = (taken: Intake) => {
  if (!taken.ok) throw new Error(JSON.stringify(taken.errors))
  return taken.event
}

t.test('keeps what was posted and adds priority and the time; an id of its own it gets with its place in the queue', async (t) => {
  const { id, ...event } = eventOf(intake.event({ type: 'x', payload: { a: 1 } }, { ...context }))
  t.equal(id, '')
  t.strictSame(event, { type: 'x', payload: { a: 1 }, priority: 6, receivedAt })
  t.strictSame(
    eventOf(intake.event({
      type: 'x',
      payload: null,
      id: 'i',
      organizationId: 'o',
      occurredAt: '2026-03-01T09:00:00+01:00',
      priority: 2
    }, { ...context })),
    {
      id: 'i',
      type: 'x',
      payload: null,
      priority: 2,
      receivedAt,
      organizationId: 'o',
      occurredAt: '2026-03-01T09:00:00+01:00'
    }
  )
})

t.test('changes nothing of what it is given', async (t) => {
  const input = Object.freeze({ type: 'x', payload: Object.freeze({ deep: Object.freeze([1]) }) })
  t.equal(eventOf(intake.event(input, { ...context })).payload, input.payload)
  t.doesNotThrow(() => intake.event(Object.freeze({ payload: 1 }), { ...context, type: 'from-header' }))
})

t.test('gives a digest to events that something identifies, and to no other', async (t) => {
  const keyOf = (taken: Intake) => taken.ok ? taken.key : t.fail('is valid')
  const plain = { type: 'x', payload: 1 }
  t.equal(keyOf(intake.event(plain, context)), undefined)
  const table: [claim: string, taken: Intake][] = [
    ['an id', intake.event({ ...plain, id: 'a' }, context)],
    ['another id', intake.event({ ...plain, id: 'b' }, context)],
    ['the id of another organization', intake.event({ ...plain, id: 'a', organizationId: 'o' }, context)],
    ['a key', intake.event(plain, { ...context, idempotencyKey: 'a' })],
    [
      'the key of another organization',
      intake.event({ ...plain, organizationId: 'o' }, { ...context, idempotencyKey: 'a' })
    ],
    ['the id of a CloudEvent from a source', intake.cloudEvent({ ...CLOUD_EVENT, id: 'a' }, context)],
    ['the same from another', intake.cloudEvent({ ...CLOUD_EVENT, id: 'a', source: '/t' }, context)]
  ]
  const digests = table.map(([claim, taken]) => {
    t.match(keyOf(taken), /^[\w-]{22}$/, claim)
    return keyOf(taken)
  })
  t.equal(new Set(digests).size, table.length, 'all differ')
  t.equal(
    keyOf(intake.event({ ...plain, payload: 2, id: 'a' }, { ...context, priority: 9 })),
    digests[0],
    'whatever else it holds'
  )
  t.equal(
    keyOf(intake.event({ ...plain, id: 'z' }, { ...context, idempotencyKey: 'a' })),
    digests[3],
    'the header wins over the id'
  )
  const forgetful = new EventIntake(new PriorityMap({}, 6), false)
  t.equal(keyOf(forgetful.event({ ...plain, id: 'a' }, context)), undefined, 'none where nothing is remembered')
})

t.test('the header wins over the body, the body over the map, the map over the default', async (t) => {
  const priority = fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined })
  const type = fc.constantFrom('alarm', 'report', 'x', 'constructor')
  t.doesNotThrow(() =>
    fc.assert(fc.property(priority, priority, type, (header, body, type) => {
      const event =
        eventOf(intake.event({ type, payload: 1, ...(body !== undefined && { priority: body }) }, {
          ...context,
          priority: header
        }))
      const cloudEvent =
        eventOf(intake.cloudEvent({ ...CLOUD_EVENT, type, ...(body !== undefined && { priority: body }) }, {
          ...context,
          priority: header
        }))
      const expected = header ?? body ?? { alarm: 1, report: 9, x: 6, constructor: 6 }[type]
      return event.priority === expected && cloudEvent.priority === expected
    }))
  )
})

t.test('the type of the header counts only where the body has none, and gives its priority', async (t) => {
  t.match(eventOf(intake.event({ payload: 1 }, { ...context, type: 'alarm' })), { type: 'alarm', priority: 1 })
  t.match(eventOf(intake.event({ type: 'report', payload: 1 }, { ...context, type: 'alarm' })), {
    type: 'report',
    priority: 9
  })
  t.strictSame(
    fieldsOf(intake.event({ type: '', payload: 1 }, { ...context, type: 'alarm' })),
    ['type'],
    'an empty type is a wrong one'
  )
  t.strictSame(fieldsOf(intake.event({ payload: 1 }, { ...context, type: 'x'.repeat(257) })), ['type'])
  for (const input of [null, 7, 'text', undefined])
    t.strictSame(fieldsOf(intake.event(input, { ...context, type: 'alarm' })), [''])
})

t.test('keeps the text of the event where that says all of it, else the text of the payload', async (t) => {
  const text = '{"type":"x","payload":1.0}'
  const plain = intake.event(JSON.parse(text), context, text)
  t.match(plain, { ok: true, text, event: { payload: 1, payloadText: undefined } })
  t.match(intake.event({ payload: 1 }, { ...context, type: 'x' }, '{"payload":1.0}'), {
    ok: true, text: undefined, event: { payloadText: '1.0' }
  })
  t.match(intake.cloudEvent({ ...CLOUD_EVENT, data: 1 }, context, '1.0'), {
    ok: true, text: undefined, event: { payload: 1, payloadText: '1.0' }
  })
  t.match(intake.datastream({ deviceId: 'd', values: { a: 1 } }, context, '{"values":{"a":1.0},"deviceId":"d"}'), {
    ok: true, text: undefined, event: { payloadText: '{"deviceId":"d","values":{"a":1.0}}' }
  })
})

t.test('refuses attributes whose numbers parsing would change', async (t) => {
  const rank = (number: string) => fieldsOf(intake.cloudEvent({ ...CLOUD_EVENT, rank: JSON.parse(number) }, context))
  for (const number of ['9007199254740993', '-9007199254740993', '12345678901234567890', '1e400']) {
    t.strictSame(rank(number), ['rank'], number)
  }
  for (const number of ['0', '2147483647', '-2147483648', '9007199254740991']) t.strictSame(rank(number), [], number)
})

t.test('takes times as RFC 3339 writes them', async (t) => {
  const table: [time: string, isTaken: boolean][] = [
    ['2026-03-01T10:00:00Z', true],
    ['2026-03-01T10:00:00.123456789Z', true],
    ['2026-03-01T10:00:00+05:30', true],
    ['2026-03-01T10:00:00-00:00', true],
    ['2026-03-01t10:00:00z', true],
    ['2024-02-29T00:00:00Z', true],
    ['2026-03-01', false],
    ['10:00:00Z', false],
    ['2026-03-01T10:00Z', false],
    ['2026-03-01T10:00:00', false],
    ['2026-13-01T00:00:00Z', false],
    ['2026-00-01T00:00:00Z', false],
    ['2026-01-00T00:00:00Z', false],
    ['2026-01-32T00:00:00Z', false],
    ['2026-01-01T25:00:00Z', false],
    ['2026-01-01T00:60:00Z', false],
    ['2026-01-01T00:00:61Z', false],
    ['2026-01-01T00:00:00+24:00', false],
    ['2026-03-01T10:00:00+0530', false],
    ['2026-03-01T10:00:00+05', false],
    ['2026-03-01T10:00:00-0000', false],
    ['2026-03-01T10:00:00.Z', false],
    ['2026-03-01T10:00:00,5Z', false],
    ['26-03-01T10:00:00Z', false],
    [' 2026-03-01T10:00:00Z', false],
    ['2026-03-01T10:00:00Z\n', false],
    ['now', false],
    ['', false]
  ]
  for (const [time, isTaken] of table) {
    t.equal(
      intake.event({ type: 'x', payload: 1, occurredAt: time }, { ...context }).ok,
      isTaken,
      `occurredAt ${JSON.stringify(time)}`
    )
    t.equal(
      intake.cloudEvent({ ...CLOUD_EVENT, time }, { ...context }).ok,
      isTaken,
      `time of a CloudEvent ${JSON.stringify(time)}`
    )
    t.equal(
      intake.datastream({ deviceId: 'd', values: { a: 1 }, time }, { ...context }).ok,
      isTaken,
      `time of a reading ${JSON.stringify(time)}`
    )
  }
})

t.test('says what a time looks like, on every form', async (t) => {
  const time = '2026-03-01T10:00:00+0530'
  const table: [field: string, taken: Intake][] = [
    ['occurredAt', intake.event({ type: 'x', payload: 1, occurredAt: time }, context)],
    ['time', intake.cloudEvent({ ...CLOUD_EVENT, time }, context)],
    ['time', intake.datastream({ deviceId: 'd', values: { a: 1 }, time }, context)]
  ]
  for (const [field, taken] of table) {
    t.match(taken, { ok: false, errors: [{ field, message: /RFC 3339, such as .*Z or .*\+05:30/ }] })
  }
})

t.test('takes nothing but a T between day and time', async (t) => {
  for (const separator of [' ', '\t', '\n', '_', '']) {
    t.equal(
      intake.event({ type: 'x', payload: 1, occurredAt: `2026-03-01${separator}10:00:00Z` }, { ...context }).ok,
      false,
      JSON.stringify(separator)
    )
  }
})

t.test('refuses days that do not exist and takes leap seconds', async (t) => {
  for (
    const [time, isTaken] of [
      ['2026-02-30T00:00:00Z', false],
      ['2026-02-29T00:00:00Z', false],
      ['2026-04-31T00:00:00Z', false],
      ['2026-01-01T24:00:00Z', false],
      ['2016-12-31T23:59:60Z', true]
    ] as const
  ) {
    t.equal(intake.event({ type: 'x', payload: 1, occurredAt: time }, { ...context }).ok, isTaken, time)
  }
})

t.test('names each wrong field once, and ten at most', async (t) => {
  t.strictSame(fieldsOf(intake.event({ type: 1, payload: 1, priority: 'x', id: [] }, { ...context })).toSorted(), [
    'id',
    'priority',
    'type'
  ])
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`extra${index}`, 1]))
  t.equal(fieldsOf(intake.event({ type: 'x', payload: 1, ...many }, { ...context })).length, 10)
  t.strictSame(fieldsOf(intake.event({ type: 'x', payload: 1, 'a/b': 1, 'c~d': 1, 'e.f': 1 }, { ...context })), [
    'a/b',
    'c~d',
    'e.f'
  ])
})

t.test('takes or refuses anything, and never throws', async (t) => {
  const shaped = fc.record({
    type: fc.anything(),
    payload: fc.anything(),
    priority: fc.anything(),
    organizationId: fc.anything(),
    id: fc.anything(),
    occurredAt: fc.anything(),
    specversion: fc.constantFrom('1.0', 2),
    source: fc.anything(),
    values: fc.anything(),
    deviceId: fc.anything()
  }, { requiredKeys: [] })
  const type = fc.option(fc.string({ minLength: 1 }), { nil: undefined })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.oneof(fc.anything(), shaped), type, (input, type) => {
        for (
          const taken of [
            intake.event(input, { ...context, type }),
            intake.cloudEvent(input, { ...context }),
            intake.datastream(input, { ...context })
          ]
        ) {
          if (!taken.ok && taken.errors.length === 0) return false
          if (
            taken.ok &&
            !(typeof taken.event.type === 'string' && taken.event.priority >= 1 && taken.event.priority <= 10)
          ) return false
        }
        return true
      }),
      { numRuns: 500 }
    )
  )
})

t.test('a reading is telemetry-data with the priority of the map', async (t) => {
  t.match(eventOf(intake.datastream({ deviceId: 'd', values: { a: 1 } }, { ...context, type: 'alarm' })), {
    type: 'telemetry-data',
    priority: 4
  })
  t.equal(eventOf(intake.datastream({ deviceId: 'd', values: { a: 1 } }, { ...context, priority: 10 })).priority, 10)
})

t.test('an event belongs to the trace of its request, a CloudEvent to its own', async (t) => {
  const traceparent = (digit: string) => `00-${digit.repeat(32)}-${'b'.repeat(16)}-01`
  const inTrace = { ...context, trace: { traceparent: traceparent('a') } }
  const traceOf = (taken: Intake) => taken.ok ? taken.event.trace : t.fail('is valid')
  t.equal(traceOf(intake.event({ type: 'x', payload: 1 }, context)), undefined)
  t.equal(traceOf(intake.event({ type: 'x', payload: 1 }, inTrace)), inTrace.trace)
  t.equal(traceOf(intake.cloudEvent(CLOUD_EVENT, inTrace)), inTrace.trace)
  const own = { traceparent: traceparent('c'), tracestate: 'k=v' }
  t.strictSame(traceOf(intake.cloudEvent({ ...CLOUD_EVENT, ...own }, inTrace)), own)
  t.equal(
    traceOf(intake.cloudEvent({ ...CLOUD_EVENT, traceparent: 'nonsense', tracestate: 'k=v' }, inTrace)),
    inTrace.trace
  )
  t.equal(traceOf(intake.cloudEvent({ ...CLOUD_EVENT, traceparent: 1 }, context)), undefined)
})
