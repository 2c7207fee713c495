import fc from 'fast-check'
import t from 'tap'
import { EventStreamParser } from '../../../dashboard/feed/event-stream-parser.js'

interface StreamEvent { id: string, event: string, data: string }

function parse (...pieces: string[]): StreamEvent[] {
  const events: StreamEvent[] = []
  const parser = new EventStreamParser((event: StreamEvent) => { events.push(event) })
  for (const piece of pieces) parser.push(piece)
  return events
}

/** Texts to send, and the events that they hold. */
const STREAMS: [claim: string, text: string, events: StreamEvent[]][] = [
  ['an event with all fields', 'id: 7\nevent: second\ndata: {}\n\n', [{ id: '7', event: 'second', data: '{}' }]],
  ['an event without a name is a message', 'data: a\n\n', [{ id: '', event: 'message', data: 'a' }]],
  ['lines of data are joined', 'data: a\ndata: b\ndata\n\n', [{ id: '', event: 'message', data: 'a\nb\n' }]],
  ['one space after the colon belongs to the format', 'data:  a\n\ndata:b\n\n', [{
    id: '',
    event: 'message',
    data: ' a'
  }, { id: '', event: 'message', data: 'b' }]],
  ['comments are passed over', ': heartbeat\n\ndata: a\n: more\n\n', [{ id: '', event: 'message', data: 'a' }]],
  ['an id stays until there is another', 'id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n', [
    { id: '1', event: 'message', data: 'a' },
    { id: '1', event: 'message', data: 'b' },
    { id: '', event: 'message', data: 'c' }
  ]],
  ['an id with a null is none', 'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n', [{ id: '1', event: 'message', data: 'a' }, {
    id: '1',
    event: 'message',
    data: 'b'
  }]],
  ['a name without data is no event, nor does it stay', 'event: second\n\ndata: a\n\n', [{
    id: '',
    event: 'message',
    data: 'a'
  }]],
  [
    'carriage returns end lines, alone or with a line feed',
    'data: a\r\rdata: b\r\n\r\ndata: c\n\n',
    ['a', 'b', 'c'].map((data) => ({ id: '', event: 'message', data }))
  ],
  ['a byte-order mark at the start is no field', '\uFEFFdata: a\n\n', [{ id: '', event: 'message', data: 'a' }]],
  ['unknown fields are passed over', 'retry: 10\nother: x\ndata: a\n\n', [{ id: '', event: 'message', data: 'a' }]],
  ['an event that is not finished is not told', 'data: a\n', []]
]

for (const [claim, text, events] of STREAMS) {
  t.test(claim, async (t) => { t.strictSame(parse(text), events) })
}

t.test('it does not matter where a stream is cut into pieces', async () => {
  const whole = STREAMS.map(([, text]) => text.replace('\uFEFF', '')).join('\n\n')
  const expected = parse(whole)
  fc.assert(fc.property(fc.array(fc.nat(whole.length), { maxLength: 40 }), (cuts) => {
    const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
    const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end))
    return JSON.stringify(parse(...pieces)) === JSON.stringify(expected)
  }))
})
