/** A request in the form of the bench; the generator turns it into bytes before it starts. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The bytes of a request with a body of known length. */
export function bytesOf ({ method, path, headers, body }: LoadRequest): Buffer {
  const length = String(Buffer.byteLength(body))
  return Buffer
    .from(`${headOf(method, path, method === 'GET' ? headers : { ...headers, 'content-length': length })}${body}`)
}

/** The head of a request, with the empty line at its end. */
export function headOf (method: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}
