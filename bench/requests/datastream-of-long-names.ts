import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `{"deviceId":"d","values":{${repeated(900, (index) => `"${'~/'.repeat(500)}${index}":{}`)}}}`

export default {
  name: 'a datastream of 900 names of 1,000 characters', send: (url) => postBody(url, 'datastreams', body)
} satisfies HostileRequest
