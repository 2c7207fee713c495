import { postBody, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":{"constructor":1,"a":[${'{"ab":12},'.repeat(99_000)}1]}}`

export default {
  name: 'an event with a name that has to be looked into, and 99,000 objects',
  send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
