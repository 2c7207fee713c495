import t from 'tap'
import { letterJson, parseLetter } from '../../../services/dead-letters/dead-letter.ts'
import { letterOf } from './setup.ts'

const LONG = `[${'1.0,'.repeat(500)}"}}"]`

t.test('a long payload stays in its text, and the letter is written as it was', async (t) => {
  const text = letterJson(letterOf('a', { payload: undefined, payloadText: LONG }))
  const letter = parseLetter(text)
  t.strictSame([letter.event.payload, letter.event.payloadText], [undefined, LONG])
  t.equal(letterJson(letter), text)
})

t.test('a short payload is parsed, and so is a long one that something stands behind', async (t) => {
  t.strictSame(parseLetter(letterJson(letterOf('a', { payload: { b: 1 } }))).event.payload, { b: 1 })
  for (const text of [
    `{"event":{"payload":${LONG},"id":"a"},"reason":"refused"}`,
    `{"event":{"payload":${LONG}},"reason":"refused"}`,
    `{"event":{"payload":${LONG},"id":"a"}}`
  ]) {
    t.strictSame(parseLetter(text).event.payload, JSON.parse(LONG), text.slice(-40))
  }
})

t.test('a text that is cut off is no letter', async (t) => {
  const text = letterJson(letterOf('a', { payload: undefined, payloadText: LONG }))
  for (const length of [text.length - 1, text.length - 2, text.length - 10, 1_500, 10]) t.throws(() => parseLetter(text.slice(0, length)))
})
