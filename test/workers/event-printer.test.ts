import fc from 'fast-check'
import t from 'tap'
import { eventLine, EventPrinter } from '../../workers/event-printer.ts'
import type { QueuedEvent } from '../../services/event/event.ts'

const event = (fields: Partial<QueuedEvent> = {}): QueuedEvent => ({
  id: 'a-1', type: 'hello', payload: { n: 1 }, priority: 5, receivedAt: '2026-03-01T10:00:00.000Z', ...fields
})

t.test('an event is one line: type, priority, id and payload', async (t) => {
  t.equal(eventLine(event()), 'event hello · priority 5 · id a-1 · {"n":1}')
  t.equal(eventLine(event({ payload: 'x'.repeat(1_000) })), `event hello · priority 5 · id a-1 · "${'x'.repeat(199)}…`)
  t.equal(
    eventLine(event({ type: '\u001B[2Jhe\u202Ello\n', payload: '\u009B31m\u2066😀\u2028' })),
    'event [2Jhello · priority 5 · id a-1 · "31m😀"'
  )
  t.equal(
    eventLine(event({ payload: `${'x'.repeat(198)}😀` })),
    `event hello · priority 5 · id a-1 · "${'x'.repeat(198)}…`,
    'no half of a pair is left'
  )
})

t.test('a line is short and steers no terminal, whatever was posted', async (t) => {
  fc.assert(fc.property(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.jsonValue(),
    (type, id, payload) => {
      const line = eventLine(event({ type, id, payload }))
      return line.length <= 520 && line.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line)
    }
  ))
  t.pass()
})

t.test('prints so many a second and says that there are more', async (t) => {
  const lines: string[] = []
  let now = 0
  const printer = new EventPrinter({ write: (text) => { lines.push(text) }, now: () => now })
  for (let count = 0; count < 500; count++) printer.print(event())
  t.equal(lines.length, 51)
  t.match(lines.at(-1), /^more than 50 events a second/)
  now = 1_000
  printer.print(event({ type: 'next' }))
  t.match(lines.at(-1), /^event next/)
})
