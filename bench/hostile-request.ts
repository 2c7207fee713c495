/**
 * A request, or the traffic of one connection, that costs the service out of proportion to its bytes unless it is
 * bounded.
 */
export interface HostileRequest {
  /** The name in the table. */
  readonly name: string
  /** Sends it to the service at this URL and reads the answer. */
  readonly send: (url: string) => Promise<Sent>
}

export interface Sent {
  /** Status of the answer. */
  readonly status: number
  readonly sentBytes: number
  readonly answerBytes: number
}

export const HOSTILE_REQUEST_SHAPE = 'a hostile request { name, send }'

export function isHostileRequest (candidate: unknown): candidate is HostileRequest {
  const { name, send } = (candidate ?? {}) as Partial<HostileRequest>
  return typeof name === 'string' && typeof send === 'function'
}

/** Headers of a stream. */
export const NDJSON = { 'content-type': 'application/x-ndjson' }

/** Posts a body, and reads the answer to its end. */
export async function postBody (
  url: string, path: string, body: string | Buffer, headers: Record<string, string> = {}
): Promise<Sent> {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body
  })
  return {
    status: answer.status, sentBytes: Buffer.byteLength(body), answerBytes: (await answer.arrayBuffer()).byteLength
  }
}

/** Returns a text of so many parts, each made from its number. */
export function repeated (count: number, part: (index: number) => string, separator = ','): string {
  return Array.from({ length: count }, (_, index) => part(index)).join(separator)
}
