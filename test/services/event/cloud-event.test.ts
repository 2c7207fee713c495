import t from 'tap'
import { cloudEventErrors, fromBinaryHeaders, fromCloudEvent, type CloudEvent } from '../../../services/event/cloud-event.ts'

const MINIMAL: CloudEvent = { specversion: '1.0', id: '1', source: '/s', type: 'x' }

t.test('maps its attributes to fields and keeps those that have none', async (t) => {
  const table: [cloudEvent: CloudEvent & Record<string, unknown>, event: object][] = [
    [MINIMAL, { id: '1', type: 'x', payload: undefined, attributes: { source: '/s' } }],
    [{ ...MINIMAL, data: undefined }, { id: '1', type: 'x', payload: undefined, attributes: { source: '/s' } }],
    [{ ...MINIMAL, data: 0 }, { id: '1', type: 'x', payload: 0, attributes: { source: '/s' } }],
    [{ ...MINIMAL, data: false, datacontenttype: 'application/json' }, { id: '1', type: 'x', payload: false, attributes: { source: '/s' } }],
    [{ ...MINIMAL, time: '2026-03-01T10:00:00Z', priority: 2, organizationid: 'o', data: {} },
      { id: '1', type: 'x', payload: {}, occurredAt: '2026-03-01T10:00:00Z', priority: 2, organizationId: 'o', attributes: { source: '/s' } }],
    [{ ...MINIMAL, subject: 'p', dataschema: 'urn:x', sampled: true, rank: 7 },
      { id: '1', type: 'x', payload: undefined, attributes: { source: '/s', subject: 'p', dataschema: 'urn:x', sampled: true, rank: 7 } }]
  ]
  for (const [cloudEvent, event] of table) t.strictSame(fromCloudEvent(cloudEvent), event)
})

t.test('names attributes that may not be', async (t) => {
  const table: [names: string[], wrong: string[]][] = [
    [[], []], [['subject', 'a1', 'x'.repeat(64)], []],
    [['data_base64'], ['data_base64']], [['Upper', 'snake_case', 'with-dash', '', 'x'.repeat(65), 'ümlaut', 'fine'], ['Upper', 'snake_case', 'with-dash', '', 'x'.repeat(65), 'ümlaut']]
  ]
  for (const [names, wrong] of table) {
    const cloudEvent = { ...MINIMAL, ...Object.fromEntries(names.map((name) => [name, 'value'])) }
    t.strictSame(cloudEventErrors(cloudEvent).map(({ field }) => field), wrong)
  }
})

t.test('builds the JSON form of a binary one from ce-* headers alone', async (t) => {
  const headers = {
    'ce-specversion': '1.0', 'ce-id': 'a%20b', 'ce-source': '/s%', 'ce-priority': '7', 'ce-data': 'x', 'ce-data_base64': 'x', 'ce-rank': '7',
    'content-type': 'application/json', ce: 'x', 'x-event-priority': '1', 'ce-many': ['a', 'b'], 'ce-none': undefined
  }
  t.strictSame(fromBinaryHeaders(headers, { level: 1 }), { data: { level: 1 }, specversion: '1.0', id: 'a b', source: '/s%', priority: 7, rank: '7' })
  t.notOk('data' in fromBinaryHeaders({ 'ce-id': '1' }, undefined), 'without a body there is no data')
  t.equal(fromBinaryHeaders({ 'ce-priority': 'high' }, 1).priority, 'high', 'a priority in words is left for the schema to refuse')
})
