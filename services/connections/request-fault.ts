import type { IncomingMessage } from 'node:http'

const HOST_LENGTH = 4

/**
 * Describes faults of a head that Node accepts: no version, a target of OPTIONS alone, no Host field in HTTP/1.1 or two
 * of them (RFC 9112 3.2), a coding other than chunked, and any coding in HTTP/1.0, whose readers do not know it
 * (RFC 9112 6.1).
 */
export function requestFault (
  { rawHeaders, headers, httpVersion, url, method }: IncomingMessage
): string | undefined {
  if (httpVersion === '0.9') return 'The request has no version; use HTTP/1.1'
  if (url === '*' && method !== 'OPTIONS') return 'The target of the request is not a path; send one that begins with /'
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length === HOST_LENGTH && name.toLowerCase() === 'host') hosts++
  }
  if (hosts === 0 && httpVersion !== '1.0') return 'The request has no Host field; send one'
  if (hosts > 1) return 'The request has more than one Host field; send one'
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return 'The Transfer-Encoding of the request is not supported; send the body with Content-Length, or chunked'
  }
  if (coding !== undefined && httpVersion === '1.0')
    return 'A request of HTTP/1.0 has a Transfer-Encoding; send the body with Content-Length, or use HTTP/1.1'
  return undefined
}
