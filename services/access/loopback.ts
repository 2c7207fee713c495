/** Tells whether only this machine can reach an address to bind. */
export function isLoopbackAddress (address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}

/** Tells whether a Host header names this machine. Any other may resolve to 127.0.0.1 for a page (DNS rebinding). */
export function isLoopbackHost (host: string | undefined): boolean {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return false
  const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[(.*)\]$/, '$1')
  // Nobody can register names under localhost (RFC 6761).
  return name !== undefined && (isLoopbackAddress(name) || name.endsWith('.localhost'))
}
