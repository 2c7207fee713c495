import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const attributes = repeated(19_900, (index) => `"a${index}":"${index}"`)
const body = `{"specversion":"1.0","id":"1","source":"/s","type":"x",${attributes}}`

export default {
  name: 'a CloudEvent of 19,900 valid attributes',
  send: (url) => postBody(url, 'events', body, { 'content-type': 'application/cloudevents+json' })
} satisfies HostileRequest
