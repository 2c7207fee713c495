import { postBody, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":1,"${'/'.repeat(1_000_000)}":1}`

export default {
  name: 'an event with an unknown name of 1 MB of `/`', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
