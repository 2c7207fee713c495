import { zstdCompressSync } from 'node:zlib'
import { postBody, type HostileRequest } from '../hostile-request.ts'
import { readingsText } from '../traffic/readings.ts'

const body = zstdCompressSync(readingsText(2_000))

export default {
  name: 'an array of 2,000 readings in zstd', send: (url) => postBody(url, 'events/batch', body, { 'content-encoding': 'zstd' })
} satisfies HostileRequest
