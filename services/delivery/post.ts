/** What became of a call: an answer, no answer, or the caller's own signal ended it. Never an exception. */
export type PostResult =
  | { kind: 'answered', status: number, retryAfter: string | null, body: string | undefined }
  | { kind: 'failed', reason: string }
  | { kind: 'interrupted' }

export interface PostRequest {
  headers: Record<string, string>
  body: string
  signal: AbortSignal
  timeoutMs: number
  /** An answer that is longer is cut off, and its body is undefined. */
  maxAnswerBytes: number
}

/** Posts a body without following redirects, and reads the answer to its end so that the connection can be used again. */
export async function post (url: string, { headers, body, signal, timeoutMs, maxAnswerBytes }: PostRequest): Promise<PostResult> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'user-agent': 'spillway', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout])
    })
    return {
      kind: 'answered',
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: await readBody(response, maxAnswerBytes)
    }
  } catch (error) {
    if (signal.aborted) return { kind: 'interrupted' }
    return { kind: 'failed', reason: timeout.aborted ? `no answer within ${timeoutMs} ms` : describeFailure(error) }
  }
}

/** Says why nothing can be posted to an address, or undefined when it can. */
export function findUrlProblem (url: string): string | undefined {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return 'expected an http or https URL'
  if (parsed.username !== '' || parsed.password !== '') return 'expected a URL without a user name or password, which belong in a header'
  return undefined
}

/** The status stands whatever becomes of the body, so a body that breaks off is only an unknown body. */
async function readBody (response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    // Leaving the loop early cancels the rest.
    for await (const chunk of response.body ?? []) {
      length += chunk.length
      if (length > maxBytes) return undefined
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString()
  } catch {
    return undefined
  }
}

/** fetch says "fetch failed" and keeps the reason in the cause. */
function describeFailure (error: unknown): string {
  const { cause, message } = error as Error
  const { code, message: detail } = (cause ?? {}) as { code?: string, message?: string }
  return code ?? (detail || message)
}
