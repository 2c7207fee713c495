import { NDJSON, postBody, type HostileRequest } from '../hostile-request.ts'

const body = `{"${'k'.repeat(1_000_000)}":1}\n`.repeat(15)

export default {
  name: 'a stream of 15 lines with an unknown name of 1 MB',
  send: (url) => postBody(url, 'events/batch', body, NDJSON)
} satisfies HostileRequest
