import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `[${
  repeated(10_000, (index) => `{"type":"x","id":"e-${index}","payload":{"text":"${'x'.repeat(1_500)}","n":${index}}}`)
}]`

export default {
  name: 'an array of 10,000 valid events, 16 MB', send: (url) => postBody(url, 'events/batch', body)
} satisfies HostileRequest
