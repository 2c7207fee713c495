import { postBody, repeated, type HostileRequest } from '../hostile-request.ts'

const digits = `9007199254740993.${'0'.repeat(740)}1`
const body = `{"type":"x","payload":[${repeated(1_350, () => digits)}]}`

export default {
  name: 'an event of 1,350 numbers of 757 digits', send: (url) => postBody(url, 'events', body)
} satisfies HostileRequest
