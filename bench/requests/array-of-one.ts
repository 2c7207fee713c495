import { postBody, type HostileRequest } from '../hostile-request.ts'

const body = `[{"type":"x","payload":[${'[],'.repeat(5_500_000)}0]}]`

export default {
  name: 'an array of one event of 5,500,000 empty arrays', send: (url) => postBody(url, 'events/batch', body)
} satisfies HostileRequest
