/**
 * Reads OTEL_EXPORTER_OTLP_HEADERS, `name=value,…`, percent-encoded.
 *
 * @throws Error with code OTLP_HEADERS_INVALID, which does not show them
 */
export function parseOtlpHeaders (text = ''): Record<string, string> {
  const members = text.split(',').map((member) => member.trim()).filter((member) => member !== '')
  try {
    return Object.fromEntries(new Headers(members.map((member): [string, string] => {
      const [name = '', ...value] = member.split('=')
      if (value.length === 0) throw new Error('no value')
      const header = decodeURIComponent(value.join('=').trim())
      // Headers takes some of them, and the request that is to send it does not.
      if (/\p{Cc}/u.test(header)) throw new Error('a control character')
      return [name.trim(), header]
    })))
  } catch {
    throw Object.assign(new Error('OTEL_EXPORTER_OTLP_HEADERS cannot be read: it has to be name=value, with commas in between and values percent-encoded'), { code: 'OTLP_HEADERS_INVALID' })
  }
}
