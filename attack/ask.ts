import type { Scene } from './attack.ts'
import { judgeAnswer } from './judge.ts'
import type { Received } from './received.ts'

/** A request by a client that speaks HTTP well. */
export interface Asked {
  readonly method?: string
  /** Begins with a slash. */
  readonly path: string
  /** An API key, or the value of an Authorization header. */
  readonly as?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: string | object | undefined
}

/** Sends a request, judges its answer, and resolves with it. */
export async function ask (
  { target, report }: Pick<Scene, 'target' | 'report'>, { method = 'GET', path, as, headers, body }: Asked
): Promise<Received> {
  const answer = await fetch(target.url + path, {
    method,
    headers: {
      ...as !== undefined && (as.startsWith('spw_') ? { 'x-api-key': as } : { authorization: as }),
      ...body !== undefined && { 'content-type': 'application/json' },
      ...headers
    },
    ...body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }
  })
  const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\r\n')
  const received = { status: answer.status, head, body: await answer.text() }
  for (const { check, what } of judgeAnswer(received, target.secrets, `${method} ${path}`)) report(check, what)
  return received
}

/** Returns an answer without what differs between two equal ones. */
export function comparable ({ status, head, body }: Received, named: string): string {
  const fields = head.split('\r\n').filter((line) => !/^(date|x-request-id|content-length|etag):/i.test(line))
  return JSON.stringify([status, fields.toSorted(), body]).replaceAll(named, '{id}')
}
