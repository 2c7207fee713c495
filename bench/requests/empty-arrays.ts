import { postBody, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":[${'[],'.repeat(349_000)}0]}`

export default {
  name: 'an event of 349,000 empty arrays', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
