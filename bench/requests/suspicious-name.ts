import { postBody, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":{"constructor":1,"a":[${'1,'.repeat(500_000)}1]}}`

export default {
  name: 'an event with a name that has to be looked into, and 500,000 numbers',
  send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
