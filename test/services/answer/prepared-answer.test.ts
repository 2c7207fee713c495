import t from 'tap'
import { isKnownTo, prepareAnswer } from '../../../services/answer/prepared-answer.ts'

t.test('has an ETag of its bytes', async (t) => {
  const { etag, body } = prepareAnswer('text', 'text/plain')
  t.match(etag, /^"[\w-]{43}"$/)
  t.equal(body.toString(), 'text')
  t.equal(prepareAnswer(Buffer.from('text'), 'text/html').etag, etag)
  t.not(prepareAnswer('texts', 'text/plain').etag, etag)
})

t.test('is known to a client that names its ETag, alone, among others, or with the mark of a proxy', async (t) => {
  for (
    const [header, isKnown] of [
      [undefined, false],
      ['"a"', true],
      ['W/"a"', true],
      ['"b", "a"', true],
      ['*', true],
      ['"b"', false],
      ['a', false],
      ['', false]
    ] as const
  ) t.equal(isKnownTo(header, '"a"'), isKnown, String(header))
})
