/*
 * A password in a URL that is not percent-encoded: its @, / or # ends the credentials, and the rest is read as a host,
 * or as a path on a wrong host.
 */

/** Tells whether a URL is valid, and its user name and password are unambiguous. */
export function isReadableUrl (text: string): boolean {
  const url = URL.parse(text)
  if (url === null) return false
  // Other URLs may have an @ in their path, and credentials that their server decodes itself.
  if (!/^rediss?:$/.test(url.protocol)) return true
  // An @ after the host ends credentials that are not encoded.
  if (`${url.pathname}${url.search}${url.hash}`.includes('@')) return false
  try {
    decodeURIComponent(`${url.username}${url.password}`)
    return true
  } catch {
    return false
  }
}

/** Returns advice about a URL with credentials that cannot be read; empty for any other. */
export function credentialHint (text: string): string {
  // A port beyond the range is a different mistake.
  const withoutPort = text.replace(/:\d+(?=[/?#]|$)/, '')
  if (isReadableUrl(text) || isReadableUrl(withoutPort) || !/:\/\/[^[]*[@:]/.test(text)) return ''
  return '; percent-encode the user name and the password: @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25'
}
