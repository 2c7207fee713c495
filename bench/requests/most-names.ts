import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":{${repeated(20_000, (index) => `"key number ${index} of many":1`)}}}`

export default {
  name: 'an event of as many names as an event may have', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
