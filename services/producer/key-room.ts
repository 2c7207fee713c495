/*
 * Bounds on the keys in Redis. Every replica holds all of them and fetches all of them after a change, so their number
 * and their bytes are bounded; and operators that are bound to an organization may only fill a part.
 */
import type { KeyRecord } from './key.ts'

/** Most keys in Redis. */
export const MOST_KEYS = 10_000

/** Most bytes of the records of all keys. */
export const MOST_BYTES = 8_388_608

/** The part that the operators of one organization may fill. */
export const MOST_KEYS_OF_ORGANIZATION = 1_000
export const MOST_BYTES_OF_ORGANIZATION = 1_048_576

/** The bound that keeps a new key out. */
export type FullBound = 'keys' | 'bytes' | 'organization-keys' | 'organization-bytes'

/** A key as it is in Redis, or on its way there. */
export interface StoredKey {
  readonly text: string
  /** Undefined for a record that cannot be read. */
  readonly record: KeyRecord | undefined
}

/**
 * Returns the bound that keeps a new key out; undefined if there is room. Other replicas may create keys at the same
 * time, so only the number of keys is exact, by a check in Redis.
 *
 * @param isOfOrganization whether the giver of the order is bound to the organization of the key
 */
export function fullBound (
  { text, record }: StoredKey, others: Iterable<StoredKey>, isOfOrganization: boolean
): FullBound | undefined {
  const bytes = Buffer.byteLength(text)
  const [all, own] = [{ keys: 1, bytes }, { keys: 1, bytes }]
  for (const other of others) {
    const otherBytes = Buffer.byteLength(other.text)
    all.keys++
    all.bytes += otherBytes
    if (other.record?.organizationId !== record?.organizationId) continue
    own.keys++
    own.bytes += otherBytes
  }
  if (isOfOrganization && own.keys > MOST_KEYS_OF_ORGANIZATION) return 'organization-keys'
  if (isOfOrganization && own.bytes > MOST_BYTES_OF_ORGANIZATION) return 'organization-bytes'
  if (all.keys > MOST_KEYS) return 'keys'
  return all.bytes > MOST_BYTES ? 'bytes' : undefined
}
