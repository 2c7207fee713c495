import t from 'tap'
import { parseOtlpHeaders } from '../../../services/tracing/otlp-exporter.ts'

t.test('reads names and percent-encoded values', async (t) => {
  t.strictSame(parseOtlpHeaders(undefined), {})
  t.strictSame(parseOtlpHeaders(' , '), {})
  t.strictSame(parseOtlpHeaders('Authorization=Basic%20YTpi=, x-tenant = acme'), {
    authorization: 'Basic YTpi=',
    'x-tenant': 'acme'
  })
})

t.test('refuses what it cannot read, without a word of it', async (t) => {
  for (
    const text of [
      'secret',
      'a=1,secret',
      '=secret',
      'a=%secret',
      'a b=secret',
      'a=%0Asecret%0A1',
      'a=secret%01',
      'a=secret%E2%82%AC'
    ]
  ) {
    try {
      parseOtlpHeaders(text)
      t.fail(`takes ${text}`)
    } catch (error) {
      t.match(error, { code: 'OTLP_HEADERS_INVALID' })
      t.notMatch((error as Error).message, 'secret')
      t.equal((error as Error).cause, undefined)
    }
  }
})
