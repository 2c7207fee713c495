/*
 * Whether a request was made by a page of another site. Browsers say so themselves in Sec-Fetch-Site, but only to hosts that they
 * hold trustworthy (https, loopback); towards others there is Origin, which comes with every request that is not a plain GET.
 * A program that is no browser sends neither and is nobody's tool but its user's.
 */
import type { RequestHeaders } from '../event/request-headers.ts'

/** Tells whether a browser made this request for a page of another site, beyond following a link to a page here. */
export function isCrossSite (method: string, headers: RequestHeaders): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site === 'same-origin' || site === 'none') return false
  if (site !== undefined) return !isLinkFollowed(method, headers)
  return origin !== undefined && !isOriginOfHost(String(origin), String(host))
}

/** A link opens a whole page, which the site that links cannot read; a frame is none, it could be clicked unseen. */
function isLinkFollowed (method: string, { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination }: RequestHeaders): boolean {
  return (method === 'GET' || method === 'HEAD') && mode === 'navigate' && destination === 'document'
}

/** Compares hosts and ports alone: behind a proxy that ends TLS the scheme of the request is not known here. */
function isOriginOfHost (origin: string, host: string): boolean {
  // "null" is what files, sandboxed frames and redirected posts send.
  if (!URL.canParse(origin)) return false
  const own = URL.parse(`${new URL(origin).protocol}//${host}`)
  return own !== null && own.host !== '' && own.host === new URL(origin).host
}
