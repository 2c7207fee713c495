/*
 * A password that is written into a URL as it is: its @, / or # ends the part that it stands in, and what follows is taken for a host, or for
 * a path on a wrong host.
 */

/** Tells whether a URL can be called and says unmistakably what in it is user name and password. */
export function isReadableUrl (text: string): boolean {
  const url = URL.parse(text)
  if (url === null) return false
  // Others may have an @ in their path, and credentials that their server reads as they are.
  if (!/^rediss?:$/.test(url.protocol)) return true
  // An @ behind the host is the end of credentials that were not encoded.
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
  // A port that is too high is a mistake of another kind.
  const withoutPort = text.replace(/:\d+(?=[/?#]|$)/, '')
  if (isReadableUrl(text) || isReadableUrl(withoutPort) || !/:\/\/[^[]*[@:]/.test(text)) return ''
  return '; percent-encode the user name and the password: @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25'
}
