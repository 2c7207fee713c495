import { postBody, type HostileRequest } from '../hostile-request.ts'

const body = `[${'1,'.repeat(8_000_000)}1]`

export default {
  name: 'an array of 8,000,000 numbers', send: (url) => postBody(url, 'events/batch', body)
} satisfies HostileRequest
