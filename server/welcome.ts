/** The state of a service that has just started, as far as its first user needs it. */
export interface Started {
  /** The address for producers. */
  readonly url: string
  /** The address for operators; the same unless the service has an ADMIN_PORT. */
  readonly operatorUrl: string
  readonly hasRedis: boolean
  readonly needsKey: boolean
  readonly needsOperator: boolean
  readonly handlers: readonly string[]
}

/** Returns what a person reads who ran `npm start`: commands to copy, without any secret. */
export function welcome ({ url, operatorUrl, hasRedis, needsKey, needsOperator, handlers }: Started): string {
  // The shell puts the key in, so that no secret is printed.
  const key = needsKey ? ' -H "authorization: Bearer $SPILLWAY_KEY"' : ''
  const event = `-H 'content-type: application/json' -d '{"type":"hello","payload":{"n":1}}'`
  const operators = operatorUrl === url ? '' : `, and for operators at ${operatorUrl}`
  return `
  Spillway is listening at ${url}${operators}

  Post an event   curl -i ${url}/api/v1/events${key} ${event}
  See it arrive   npx spillway tail --payload --url ${operatorUrl}
  See the queue   ${operatorUrl}/dashboard
  Read the API    ${operatorUrl}/docs
${[...secrets(needsKey, needsOperator), ...destination(handlers), ...outage(hasRedis, operatorUrl)].join('')}
`
}

function secrets (needsKey: boolean, needsOperator: boolean): string[] {
  return [
    ...needsKey ? ['  Set SPILLWAY_KEY to an API key with scope ingest: producers need one.\n'] : [],
    ...needsOperator ? ['  Set SPILLWAY_TOKEN to ADMIN_TOKEN, or to a key with scope admin: operators need one.\n'] : []
  ].map((line, index) => index === 0 ? `\n${line}` : line)
}

function destination (handlers: readonly string[]): string[] {
  if (handlers.join() !== 'show') return []
  return [`
  Your events are printed here, and nothing else takes them.
  Set DELIVERY_URL to have them posted to your service, RULES_FILE to run rules on them.
`]
}

function outage (hasRedis: boolean, operatorUrl: string): string[] {
  if (hasRedis) return []
  return [`
  Redis cannot be used, so only critical events are accepted.
  See why, and what to do   npx spillway doctor --url ${operatorUrl}
`]
}
