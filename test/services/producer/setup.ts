import type { KeyRecord } from '../../../services/producer/key.ts'
import { digestOfKey, newKey } from '../../../services/producer/key-text.ts'

/** A key with its record, for tests. */
export interface MadeKey {
  readonly key: string
  readonly record: KeyRecord
}

/** Makes a key of the organization acme that may post, with other rights where they are given. */
export function makeKey (rights: Partial<KeyRecord> = {}): MadeKey {
  const { id, key } = newKey(rights.id)
  const record = { id, name: `key ${id}`, organizationId: 'acme', scopes: ['ingest' as const], sha256: digestOfKey(key), ...rights }
  return { key, record }
}
