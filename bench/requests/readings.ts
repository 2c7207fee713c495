import { postBody, type HostileRequest } from '../hostile-request.ts'
import { readingsText } from '../traffic/readings.ts'

const body = Buffer.from(readingsText(2_000))

export default {
  name: 'an array of 2,000 readings', send: (url) => postBody(url, 'events/batch', body)
} satisfies HostileRequest
