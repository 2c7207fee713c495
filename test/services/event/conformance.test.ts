/*
 * The kinds of cases that the conformance suite of CloudEvents has for the JSON format, in words and values of our own
 * (github.com/cloudevents/conformance, format/json), and what differs on purpose.
 */
import t from 'tap'
import { EventIntake } from '../../../services/intake/event-intake.ts'
import { PriorityMap } from '../../../services/event/priority-map.ts'
import { ANONYMOUS } from '../../../services/producer/producer.ts'

const intake = new EventIntake(new PriorityMap({}, 5), true)
const context = { producer: ANONYMOUS, receivedAt: '2026-03-01T10:00:00.000Z', durability: 'queued' as const }
const MINIMAL = { specversion: '1.0', id: 'a-1', type: 'org.example.made', source: '//example.org/line/7' }

const fieldsOf = (event: object) => {
  const taken = intake.cloudEvent(event, context)
  return taken.ok ? [] : taken.errors.map(({ field }) => field)
}

t.test('takes what the specification allows', async (t) => {
  const table: [claim: string, more: object][] = [
    ['nothing but what is required', {}],
    ['null for everything that may be absent', {
      datacontenttype: null,
      dataschema: null,
      subject: null,
      time: null,
      rank: null
    }],
    ['every attribute, and no data', {
      datacontenttype: 'text/plain',
      dataschema: 'https://example.org/schema',
      subject: 's',
      time: '2026-03-01T10:00:00Z'
    }],
    ['nanoseconds', { time: '2026-03-01T10:00:00.000000001Z' }],
    ['an offset to the east', { time: '2026-03-01T11:00:00+01:00' }],
    ['an offset to the west', { time: '2026-03-01T04:30:00-05:30' }],
    ['a source that is a fragment', { source: '#line' }],
    ['extensions of every type', {
      anint: 10,
      abool: false,
      atext: 'x',
      auri: 'urn:x',
      atime: '2026-03-01T10:00:00Z',
      bytes: 'TWE='
    }],
    ['data of every JSON type', { data: [1, 'a', null, { b: true }] }]
  ]
  for (const [claim, more] of table) t.strictSame(fieldsOf({ ...MINIMAL, ...more }), [], claim)
})

t.test('refuses what it does not allow, and names the attribute', async (t) => {
  const table: [field: string, values: readonly unknown[]][] = [
    ['specversion', [undefined, '', '0.3', '1.1', 1]],
    ['id', [undefined, '', 25, {}, null]], ['type', [undefined, '', 25]], ['source', [undefined, '', []]],
    ['subject', ['', 1]], ['dataschema', ['', {}]],
    ['datacontenttype', ['', 'xyz', '/json', 'application/', 'application json', 'json', 7]],
    ['time', [
      '',
      'midday',
      '2026-03-01T10:00Z',
      '2026-03-01T10:00:00X',
      '2026-03-01T10:00:00+25:00',
      '2026-03-01T10:00:00+aa:00',
      '2026-03-01T10:00:00+05',
      '2026-03-01T10:00:00+0530',
      '2026-03-01T10:00:00-0000',
      '2026-03-01 10:00:00Z',
      0
    ]],
    ['WithCapital', ['x']],
    ['with.point', ['x']],
    ['with_score', ['x']],
    ['nested', [{ deep: 1 }, [1]]]
  ]
  for (const [field, values] of table) {
    for (const value of values)
      t.strictSame(fieldsOf({ ...MINIMAL, [field]: value }), [field], `${field}: ${JSON.stringify(value)}`)
  }
  t.ok(fieldsOf({ ...MINIMAL, data: 'x', data_base64: 'eA==' }).includes('data_base64'), 'data twice')
})

t.test('data is JSON under a content type of JSON, in any case, with any parameters; other data is not supported', async (t) => {
  const json = [
    'application/json',
    'application/JSON',
    'APPLICATION/Json; charset=UTF-8',
    'application/json ;v=1',
    'application/json;',
    'text/json',
    'application/vnd.example+json',
    'application/problem+JSON; x="a;b"'
  ]
  for (const datacontenttype of json)
    t.strictSame(fieldsOf({ ...MINIMAL, datacontenttype, data: { a: 1 } }), [], datacontenttype)
  for (
    const datacontenttype of [
      'text/plain',
      'application/xml',
      'application/jsonp',
      'application/json-seq',
      'text/plain; note=application/json',
      'application/x-ndjson'
    ]
  ) {
    for (const data of ['text', null, {}]) {
      const taken = intake.cloudEvent({ ...MINIMAL, datacontenttype, data }, context)
      t.match(taken, {
        ok: false,
        errors: [{
          field: 'datacontenttype',
          message: /Only JSON data.*text as a JSON string.*application\/json.*\+json/
        }]
      }, datacontenttype)
    }
  }
  t.match(intake.cloudEvent({ ...MINIMAL, data_base64: 'eA==' }, context), {
    errors: [{ message: /post JSON in data/ }]
  })
})
