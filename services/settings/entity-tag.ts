/** Versions of the settings as entity tags of HTTP (RFC 9110). */

/** The entity tag of a version. */
export function entityTag (version: number): string {
  return `"${version}"`
}

/**
 * Reads If-Match: tells whether it names a version. Without the header any version matches. A version without quotation
 * marks is accepted; a weak tag never matches.
 */
export function versionTest (ifMatch: string | undefined): (version: number) => boolean {
  if (ifMatch === undefined || ifMatch.trim() === '*') return () => true
  const named = new Set(ifMatch.split(',').map((tag) => /^"?(\d{1,15})"?$/.exec(tag.trim())?.[1]))
  return (version) => named.has(String(version))
}
