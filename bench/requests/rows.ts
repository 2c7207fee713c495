import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":[${repeated(33_000, (index) => `{"id":${index},"name":"a"}`)}]}`

export default {
  name: 'an event that is a table of 33,000 rows',
  send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
