import t from 'tap'
import { foreignCharset, mediaTypeOf, unsupportedType } from '../../../services/intake/content-type.ts'

t.test('takes every name of UTF-8 and of its subset ASCII', async (t) => {
  const plain = ['', '; charset=utf-8', ';charset=UTF-8', '; charset=utf8', '; charset="utf-8"', '; charset=us-ascii', '; charset=US-ASCII', '; charset="utf8" ; x=1', '; x=1; charset=ascii']
  for (const parameters of plain) t.equal(foreignCharset({ 'content-type': `application/json${parameters}` }), undefined, parameters)
  t.equal(foreignCharset({}), undefined)
  for (const charset of ['iso-8859-1', 'utf-16', 'utf-7', 'windows-1252']) {
    t.equal(foreignCharset({ 'content-type': `application/json; charset=${charset}` }), charset)
  }
})

t.test('knows a media type whatever its case and parameters', async (t) => {
  for (const type of ['application/x-ndjson', 'Application/X-NDJSON', 'application/x-ndjson; charset=utf-8', ' application/x-ndjson ;x']) {
    t.equal(mediaTypeOf({ 'content-type': type }), 'application/x-ndjson', type)
  }
  t.equal(mediaTypeOf({}), '')
  t.equal(mediaTypeOf({ 'content-type': 'application/json' }), 'application/json')
})

t.test('names the header that is missing, as it is to be sent', async (t) => {
  const json = ['application/json'] as const
  const both = ['application/json', 'application/cloudevents+json'] as const
  const table: [given: string | undefined, accepted: readonly string[], message: string][] = [
    [undefined, json, 'The request has no Content-Type; add the header "Content-Type: application/json" (curl: -H \'Content-Type: application/json\')'],
    ['', both, 'The request has no Content-Type; add the header "Content-Type: application/json" (curl: -H \'Content-Type: application/json\'). Accepted are application/json, application/cloudevents+json'],
    ['application/x-www-form-urlencoded', both, 'Content-Type application/x-www-form-urlencoded is not supported; curl -d sends it by default: add -H \'Content-Type: application/json\'. Accepted are application/json, application/cloudevents+json'],
    ['text/plain', json, 'Content-Type text/plain is not supported; send the header "Content-Type: application/json"']
  ]
  for (const [given, accepted, message] of table) t.equal(unsupportedType(given, accepted), message)
  t.ok(unsupportedType('x'.repeat(10_000), json).length < 400, 'quotes a long one in part')
})
