import { hash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../rig/folder.ts'
import type { Owner } from '../rig/owner.ts'

const ALL = ['ingest', 'read', 'admin']
const ID_CHARACTERS = 12
const SECRET_CHARACTERS = 43
/** The best priority that the keys of the attacker may give. */
export const ATTACKER_CEILING = 5

const ORDERS = {
  /** Posts the critical events beside an attack. */
  critical: { organizationId: 'critical-organization', scopes: ['ingest'] },
  /** Every right within its organization, up to a ceiling. */
  attacker: { organizationId: 'attacker-organization', scopes: ALL, bestPriority: ATTACKER_CEILING },
  /** Posts events of the same organization, and may do nothing else. */
  sender: { organizationId: 'attacker-organization', scopes: ['ingest'], bestPriority: ATTACKER_CEILING },
  /** Every right within another organization. */
  victim: { organizationId: 'victim-organization', scopes: ALL }
}

/** A key in the form of docs/PRODUCERS.md. */
export interface KeyText {
  readonly id: string
  readonly key: string
}

/** A key with its organization. */
export interface HeldKey extends KeyText {
  readonly organizationId: string
}

/** The keys of a service under attack. */
export type KeyRing = Readonly<Record<keyof typeof ORDERS, HeldKey>>

/** Makes the keys and a file of them for API_KEYS_FILE. */
export async function makeKeyRing (owner: Owner): Promise<{ readonly keys: KeyRing, readonly path: string }> {
  const made = Object.entries(ORDERS).map(([name, order]) => ({ name, order, ...newKey() }))
  const path = join(await makeFolder(owner), 'keys.json')
  const records = made.map(({ name, order, id, key }) => ({ id, name, ...order, sha256: hash('sha256', key) }))
  await writeFile(path, JSON.stringify(records), { mode: 0o600 })
  const keys = Object.fromEntries(made.map(({ name, order: { organizationId }, id, key }) =>
    [name, { id, key, organizationId }]
  )) as KeyRing
  return { keys, path }
}

/** Returns the part of a key that nobody else may see. */
export function secretOf ({ id, key }: KeyText): string {
  return key.slice(`spw_${id}_`.length)
}

/** Returns a key that no service knows, with a new id by default. */
export function newKey (id = random(ID_CHARACTERS)): KeyText {
  return { id, key: `spw_${id}_${random(SECRET_CHARACTERS)}` }
}

function random (characters: number): string {
  return randomBytes(characters).toString('hex').slice(0, characters)
}
