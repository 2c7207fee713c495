import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const body = `{"deviceId":"d","values":{${repeated(80_000, (index) => `"k${index}":1`)}}}`

export default {
  name: 'a datastream of 80,000 variables, 0.9 MB', send: (url) => postBody(url, 'datastreams', body)
} satisfies HostileRequest
