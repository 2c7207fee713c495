/** A `curl` line of a document: the request it makes, and the status that the comment above it promises. */
export interface CurlExample {
  readonly status: number
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** The contents of all blocks marked as `sh`, lines continued by a backslash joined. */
export function shellLines (text: string): string[] {
  return [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) =>
    (block as string).replaceAll('\\\n', ' ').split('\n')
  ).map((line) => line.trim())
}

/**
 * Every curl of a document. One without a promised status, or with an option that is not understood here, is an error.
 */
export function curlExamples (text: string): CurlExample[] {
  const lines = shellLines(text)
  return lines.flatMap((line, index) => {
    if (!line.startsWith('curl ')) return []
    const [, status] = /^# (\d{3})\b/.exec(lines[index - 1] ?? '') ?? []
    if (status === undefined) throw new Error(`no status above: ${line}`)
    return [{ status: Number(status), ...parseCurl(line) }]
  })
}

/** The environment that a line such as `PORT=3100 ROLE=api npm start` sets. */
export function assignmentsOf (line: string): Record<string, string> {
  return Object
    .fromEntries(words(line).filter((word) => /^[A-Z_]+=/.test(word)).map((
      word
    ) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))
}

function parseCurl (line: string): Omit<CurlExample, 'status'> {
  const headers: Record<string, string> = {}
  let method: string | undefined
  let body: string | undefined
  let url: string | undefined
  const [, ...rest] = words(line)
  while (rest.length > 0) {
    const word = rest.shift() as string
    if (word === '-H') {
      const [name, value] = (rest.shift() as string).split(': ') as [string, string]
      headers[name.toLowerCase()] = value
    } else if (word === '-d') {
      body = rest.shift()
    } else if (word === '-X') {
      method = rest.shift()
    } else if (!/^-[is]+$/.test(word)) {
      if (url !== undefined || word.startsWith('-')) throw new Error(`not understood: ${word} in ${line}`)
      url = word
    }
  }
  return { url: new URL(url ?? ''), method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body }
}

/** Words of a simple command. Single quotes hold a word together; nothing is expanded. */
function words (line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|\$\([^)]*\)|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))
}
