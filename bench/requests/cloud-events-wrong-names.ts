import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const attributes = repeated(90, (index) => `"WRONG_${index}":1`)
const body = `[${
  repeated(10_000, (id) => `{"specversion":"1.0","id":"${id}","source":"/s","type":"x",${attributes}}`)
}]`

export default {
  name: 'a batch of 10,000 CloudEvents with 90 wrong names each',
  send: (url) => postBody(url, 'events/batch', body, { 'content-type': 'application/cloudevents-batch+json' })
} satisfies HostileRequest
