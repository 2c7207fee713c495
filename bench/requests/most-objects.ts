import { postBody, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":[${'{"ab":12},'.repeat(99_998)}1]}`

export default {
  name: 'an event of as many objects as an event may have', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
