import { hash } from 'node:crypto'
import t from 'tap'
import { decodeLearned, encodeLearned } from '../../../services/forecast/learned-record.ts'

t.test('reads back what was written, and nothing that anybody has changed', async (t) => {
  const record = { stepSeconds: 1, learned: { a: [1, 2.5], b: { c: 0 } } }
  const text = encodeLearned(record)
  t.strictSame(decodeLearned(text), record)
  for (const broken of ['', 'damaged', text.slice(0, -1), text.replace('2.5', '2.6'), `${text} `, text.slice(1), '{}', 'x {}']) {
    t.equal(decodeLearned(broken), undefined, broken)
  }
})

t.test('text with a digest of its own that is no record is none', async (t) => {
  for (const json of ['', 'no JSON', 'null', '7', '[]', '{}', '{"stepSeconds":1}', '{"stepSeconds":"1","learned":{}}']) {
    t.equal(decodeLearned(`${hash('sha256', json, 'base64url')} ${json}`), undefined, json)
  }
})
