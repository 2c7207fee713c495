import { hash } from 'node:crypto'

const DIGEST_CHARACTERS = 8
/** Types and organizations are few; beyond this number the cache is cleared. */
const MOST_CACHED = 2_000

const digests = new Map<string, string>()

/** Returns the digest of a type or an organization: 48 bits in base64url. */
export function textDigest (text: string): string {
  let digest = digests.get(text)
  if (digest === undefined) {
    digest = hash('sha256', text, 'base64url').slice(0, DIGEST_CHARACTERS)
    if (digests.size >= MOST_CACHED) digests.clear()
    digests.set(text, digest)
  }
  return digest
}
