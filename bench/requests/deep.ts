import { postBody, type HostileRequest } from '../hostile-request.ts'

const body = `{"type":"x","payload":${'['.repeat(500_000)}${']'.repeat(500_000)}}`

export default {
  name: 'an event nested 500,000 deep',
  send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
