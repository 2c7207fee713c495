import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":[${repeated(39_000, (index) => `0.${index}1234567890123456789`)}]}`

export default {
  name: 'an event of 39,000 numbers of 25 digits', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
