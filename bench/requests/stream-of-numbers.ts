import { NDJSON, postBody, type HostileRequest } from '../hostile-request.ts'

const body = '1\n'.repeat(500_000)

export default {
  name: 'a stream of 500,000 lines `1`', send: (url) => postBody(url, 'events/batch', body, NDJSON)
} satisfies HostileRequest
