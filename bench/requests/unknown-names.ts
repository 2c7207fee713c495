import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":1,${repeated(19_900, (index) => `"k~/${index}":1`)}}`

export default {
  name: 'an event with 19,900 unknown names', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
