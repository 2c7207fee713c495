import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":[${repeated(115_000, (index) => `"${index.toString(36).padStart(6, 'x')}"`)}]}`

export default {
  name: 'an event of 115,000 different short texts', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
