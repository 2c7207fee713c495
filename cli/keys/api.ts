import type { ServiceApi } from '../service-api.ts'
import type { ShownKey } from './table.ts'

const KEYS = 'api/v1/keys'
const MOST_IN_PAGE = 1_000

/** A key that was made or rotated. */
export interface MadeKey extends ShownKey {
  readonly key: string
  /** The ways out, if nobody can operate the service now. */
  readonly warning?: string
}

/** Lists all keys, page after page. */
export async function listKeys (service: ServiceApi): Promise<readonly ShownKey[]> {
  const keys: ShownKey[] = []
  for (let cursor: string | undefined;;) {
    const query = new URLSearchParams({ limit: String(MOST_IN_PAGE), ...(cursor !== undefined && { cursor }) })
    const page = await service.ask<{ keys: readonly ShownKey[], next?: string }>('GET', `${KEYS}?${query}`)
    keys.push(...page.keys)
    if (page.next === undefined) return keys
    cursor = page.next
  }
}

/** Makes a key. */
export function createKey (service: ServiceApi, order: object): Promise<MadeKey> {
  return service.ask('POST', KEYS, order)
}

/** Gives a key another secret. */
export function rotateKey (service: ServiceApi, id: string, graceSeconds?: number): Promise<MadeKey> {
  return service.ask('POST', `${KEYS}/${id}/rotate`, graceSeconds === undefined ? {} : { graceSeconds })
}

/** Revokes a key. */
export async function revokeKey (service: ServiceApi, id: string): Promise<void> {
  await service.ask('DELETE', `${KEYS}/${id}`)
}
