import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../rig/folder.ts'
import type { Owner } from '../../rig/owner.ts'
import { newKey } from '../../services/producer/key-text.ts'

/** The environment of a service that requires keys, and the header of a producer that has one. */
export interface Guarded {
  readonly keys: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** Writes a file with one API key. */
export async function guarded (owner: Owner): Promise<Guarded> {
  const { key } = newKey()
  const file = join(await makeFolder(owner), 'keys.json')
  await writeFile(file, JSON.stringify([{ name: 'duel', organizationId: 'acme', scopes: ['ingest'], key }]), { mode: 0o600 })
  return { keys: { API_KEYS_FILE: file }, headers: { authorization: `Bearer ${key}` } }
}
