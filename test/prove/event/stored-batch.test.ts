import t from 'tap'
import { storedEvents } from '../../../prove/event/stored-batch.ts'

t.test('finds the events in the stored text of a batch', async (t) => {
  const batch = [
    '{"events":[',
    '{ "type":"proof", "payload": {"sequence":17,"a":"}]"} },',
    '{"id":"proof-18/é","type":"x","payload":[1.0],"receivedAt":"2026-01-01T00:00:00.000Z"},',
    '{"type":"x","payload":null,"occurredAt":"2020-01-01T00:00:00.019Z"},',
    '{"type":"x","id":"other"}',
    '],"receivedMs":[1782892800000,0,0,0],"crc32":"00000000"}'
  ].join('')
  t.strictSame(storedEvents(batch), [
    { sequences: [17], payload: '{"sequence":17,"a":"}]"}' },
    { sequences: [18], payload: '[1.0]' },
    { sequences: [19], payload: 'null' },
    { sequences: [], payload: undefined }
  ])
  t.strictSame(storedEvents('{"other":[]}'), [])
})
