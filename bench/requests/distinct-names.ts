import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":{${repeated(90_000, (index) => `"k${index}":1`)}}}`

export default {
  name: 'an event whose payload has 90,000 different names', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
