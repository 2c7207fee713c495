import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const event = `{"type":"x","payload":[{${repeated(20_000, (index) => `"key number ${index} of many more":1`)}},${
  '[],'.repeat(99_000)
}0]}`
const body = `[${repeated(15, () => event)}]`

export default {
  name: 'an array of 15 events of 1 MB, each of 20,000 names and 99,000 arrays',
  send: (url) => postBody(url, 'events/batch', body)
} satisfies HostileRequest
