/*
 * Recognizes requests that a page of another site made. Browsers send Sec-Fetch-Site, but only to hosts that they trust
 * (https, loopback). To other hosts they send Origin with every request except a plain GET. A program that is not a
 * browser sends neither, and no page can make it send a request.
 */
import type { RequestHeaders } from '../event/request-headers.ts'

/** Tells whether a browser made this request for a page of another site, beyond following a link to a page here. */
export function isCrossSite (method: string, headers: RequestHeaders): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site === 'same-origin' || site === 'none') return false
  if (site !== undefined) return !isLinkFollowed(method, headers)
  return origin !== undefined && !isOriginOfHost(String(origin), String(host))
}

/**
 * The linking site cannot read a page that a link opens. A frame does not count as a link: clickjacking could use it.
 */
function isLinkFollowed (
  method: string,
  { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination }: RequestHeaders
): boolean {
  return (method === 'GET' || method === 'HEAD') && mode === 'navigate' && destination === 'document'
}

/** Compares hosts and ports only: behind a proxy that ends TLS, the scheme of the request is unknown here. */
function isOriginOfHost (origin: string, host: string): boolean {
  // Files, sandboxed frames and redirected posts send "null".
  if (!URL.canParse(origin)) return false
  const own = URL.parse(`${new URL(origin).protocol}//${host}`)
  return own !== null && own.host !== '' && own.host === new URL(origin).host
}
