/* Checks that the attacks find a product broken on purpose: the quick form of one attack has to fail on each variant. */
import { join } from 'node:path'
import { withOwner } from '../rig/owner.ts'
import { loadFolder, type RegistryEntry } from '../services/registry/load-folder.ts'
import type { Attack } from './attack.ts'
import type { Check } from './findings.ts'
import { runAttack } from './run-attack.ts'
import { isSabotage, SABOTAGE_SHAPE, type Sabotage } from './sabotage.ts'
import { startTarget } from './target.ts'

export interface Caught {
  readonly isCaught: boolean
  /** The checks that failed. */
  readonly by: readonly Check[]
  readonly seconds: number
}

/** Returns all ways to break the product. */
export function loadSabotages (): Promise<RegistryEntry<Sabotage>[]> {
  return loadFolder(join(import.meta.dirname, 'sabotage'), isSabotage, SABOTAGE_SHAPE)
}

/** @throws Error if there is no attack of the name in the sabotage */
export async function trySabotage (
  { value: { attack, expects, module, replace } }: RegistryEntry<Sabotage>, attacks: readonly RegistryEntry<Attack>[],
  seed: number
): Promise<Caught> {
  const entry = attacks.find(({ name }) => name === attack)
  if (entry === undefined) throw new Error(`there is no attack ${attack}`)
  const { findings, seconds } = await withOwner(async (owner) =>
    runAttack(entry.name, entry.value, await startTarget(owner, entry.value, { module, replace }), {
      seed,
      isQuick: true
    })
  )
  const by = findings.map(({ check }) => check)
  return { isCaught: by.includes(expects), by, seconds }
}
