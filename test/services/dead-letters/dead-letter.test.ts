import t from 'tap'
import { deadLetterJson, parseDeadLetter } from '../../../services/dead-letters/dead-letter.ts'
import { deadLetterOf } from './setup.ts'

const LONG = `[${'1.0,'.repeat(500)}"}}"]`

t.test('a long payload stays in its text, and the dead letter is written as it was', async (t) => {
  const text = deadLetterJson(deadLetterOf('a', { payload: undefined, payloadText: LONG }))
  const deadLetter = parseDeadLetter(text)
  t.strictSame([deadLetter.event.payload, deadLetter.event.payloadText], [undefined, LONG])
  t.equal(deadLetterJson(deadLetter), text)
})

t.test('a short payload is parsed, and so is a long one that something stands behind', async (t) => {
  t.strictSame(parseDeadLetter(deadLetterJson(deadLetterOf('a', { payload: { b: 1 } }))).event.payload, { b: 1 })
  for (const text of [
    `{"event":{"payload":${LONG},"id":"a"},"reason":"refused"}`,
    `{"event":{"payload":${LONG}},"reason":"refused"}`,
    `{"event":{"payload":${LONG},"id":"a"}}`
  ]) {
    t.strictSame(parseDeadLetter(text).event.payload, JSON.parse(LONG), text.slice(-40))
  }
})

t.test('a text that is cut off is no dead letter', async (t) => {
  const text = deadLetterJson(deadLetterOf('a', { payload: undefined, payloadText: LONG }))
  for (const length of [text.length - 1, text.length - 2, text.length - 10, 1_500, 10])
    t.throws(() => parseDeadLetter(text.slice(0, length)))
})
