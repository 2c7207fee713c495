/* Commands, events and requests in which a secret might show. */

/** Commands of the product; each is tried with several secrets. */
export const COMMANDS: readonly (readonly string[])[] = [
  ['status'], ['status', '--json'], ['doctor'], ['settings', 'get'], ['keys', 'list'], ['keys', 'rotate', 'nobody'],
  ['tail', '--no-follow'], ['dead-letters', 'list'], ['send', '-', '--type', 'sent'], ['nothing']
]

/** Types of events, with the status that the consumer gives them; it repeats what it got. */
export const STATUSES: Readonly<Record<string, number>> = { good: 200, dead: 422, failing: 500, slow: 429, listed: 207 }

/** Requests of a client that sends a secret in a wrong place, which the log must not keep. */
export function misplacing (secret: string): { readonly path: string, readonly headers: Record<string, string> }[] {
  const headers = { 'x-api-key': `${secret}x`, authorization: `Basic ${secret}` }
  return [
    `/api/v1/events?key=${secret}`, `/${secret}`, `/api/v1/keys/${secret}`, `/api/v1/dead-letters?cursor=${secret}`
  ].map((path) => ({ path, headers }))
}
