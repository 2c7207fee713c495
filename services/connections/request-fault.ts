import type { IncomingMessage } from 'node:http'

const HOST_LENGTH = 4

/** Describes faults of a head that Node accepts: two Host fields (RFC 9112 3.2), a coding other than chunked. */
export function requestFault ({ rawHeaders, headers }: IncomingMessage): string | undefined {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length === HOST_LENGTH && name.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1) return 'The request has more than one Host field; send one'
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return 'The Transfer-Encoding of the request is not supported; send the body with Content-Length, or chunked'
  }
  return undefined
}
