import type { PriorityClass } from './priority-class.ts'
import type { Load } from './signals.ts'

/**
 * One reason to shed. Every file in policies/ exports one by default; its file name is the `reason` that producers and
 * metrics see. Policies are asked in order of rank and the first that refuses decides.
 */
export interface SheddingPolicy {
  readonly rank: number
  /** True when it is the queue that cannot take the event: it may then wait on local disk. Load is never put there. */
  readonly spools: boolean
  refuses: (load: Load, priorityClass: PriorityClass) => boolean
  /** Depth below which the refused class would be admitted again, what Retry-After is computed from; undefined when depth is not the reason. */
  readmitsAtDepth: (load: Load, priorityClass: PriorityClass) => number | undefined
}

export interface NamedPolicy extends SheddingPolicy {
  readonly reason: string
}

/** Tells whether a module's default export is a policy; anything else in policies/ stops the boot. */
export function isSheddingPolicy (candidate: unknown): candidate is SheddingPolicy {
  const policy = candidate as Partial<SheddingPolicy> | null | undefined
  return typeof policy === 'object' && policy !== null && Number.isFinite(policy.rank) && typeof policy.spools === 'boolean' &&
    typeof policy.refuses === 'function' && typeof policy.readmitsAtDepth === 'function'
}
