/*
 * Checks that the proof catches a product broken on purpose: a short run on each variant of prove/sabotage/ has to
 * fail.
 */
import { join } from 'node:path'
import { loadFolder, type RegistryEntry } from '../services/registry/load-folder.ts'
import type { Fault } from './fault.ts'
import type { Options } from './options.ts'
import { run } from './run.ts'
import { isSabotage, SABOTAGE_SHAPE, type Sabotage } from './sabotage.ts'
import type { Check } from './violations.ts'

/** The verdict of a run on a sabotaged product. */
export interface Caught {
  readonly name: string
  readonly expects: Check
  /** The checks that failed. */
  readonly by: readonly Check[]
  readonly tookMs: number
}

/** Returns all ways to break the product. */
export function loadSabotages (): Promise<RegistryEntry<Sabotage>[]> {
  return loadFolder(join(import.meta.dirname, 'sabotage'), isSabotage, SABOTAGE_SHAPE)
}

export function isCaught ({ expects, by }: Pick<Caught, 'expects' | 'by'>): boolean {
  return by.includes(expects)
}

/** Runs the proof on one broken product. */
export async function trySabotage (
  { name, value }: RegistryEntry<Sabotage>, options: Options, faults: readonly RegistryEntry<Fault>[], path: string,
  signal: AbortSignal
): Promise<Caught> {
  const startedAt = performance.now()
  const { module, replace, expects, seconds, redis = options.redis } = value
  const { world } = await run({
    options: { ...options, redis, minutes: seconds / 60 },
    faults: faults.filter((fault) => value.faults?.includes(fault.name)),
    path,
    say: () => {},
    signal,
    sabotage: { rewriting: { module, replace }, expects }
  })
  return {
    name,
    expects,
    by: world.violations.list().map(({ check }) => check),
    tookMs: Math.round(performance.now() - startedAt)
  }
}
