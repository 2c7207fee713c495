import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const attributes = repeated(2_000, (index) => `"a${index}":1`)
const body = `[${repeated(600, (id) => `{"specversion":"1.0","id":"${id}","source":"/s","type":"x",${attributes}}`)}]`

export default {
  name: 'a batch of 600 CloudEvents with 2,000 valid attributes each',
  send: (url) => postBody(url, 'events/batch', body, { 'content-type': 'application/cloudevents-batch+json' })
} satisfies HostileRequest
