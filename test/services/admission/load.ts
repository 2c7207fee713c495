import { fileURLToPath } from 'node:url'
import { worseState } from '../../../services/admission/circuit.ts'
import type { AdmissionController } from '../../../services/admission/controller.ts'
import { eventOffer } from '../../../services/admission/offer.ts'
import {
  createPolicies, isPolicyModule, type NamedPolicy, type Objection, type PolicyModule
} from '../../../services/admission/policy.ts'
import { ALL_ENFORCED } from '../../../services/admission/policy-chain.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import type { Refusal } from '../../../services/admission/refusal.ts'
import type { Load, QueueSample, Signals } from '../../../services/admission/signals.ts'
import type { Thresholds } from '../../../services/admission/thresholds.ts'
import { loadFolder, type RegistryEntry } from '../../../services/registry/load-folder.ts'

const POLICY_FOLDER = fileURLToPath(new URL('../../../services/admission/policies', import.meta.url))

export const THRESHOLDS: Thresholds = { recovery: 50, warning: 100, critical: 500, hardLimit: 1_000 }

/** The files of the folder of policies, under their names. */
export function loadPolicyModules (): Promise<RegistryEntry<PolicyModule>[]> {
  return loadFolder(POLICY_FOLDER, isPolicyModule, 'a policy module')
}

/** The policies as a running service loads them. */
export async function loadPolicies (now = () => 0): Promise<NamedPolicy[]> {
  return createPolicies(await loadPolicyModules(), now)
}

/** A priority of each class. */
const PRIORITY_OF: Readonly<Record<PriorityClass, number>> = { critical: 1, normal: 5, low: 10 }

/** A new policy's objection to an event of a class. */
export function objectionTo (module: PolicyModule, load: Load, priorityClass: PriorityClass): Objection | undefined {
  return module.create({ now: () => 0, settings: () => ({}) }).judge(
    eventOffer({ type: 'x', priority: PRIORITY_OF[priorityClass] }),
    load
  )
}

export function refuses (module: PolicyModule, load: Load, priorityClass: PriorityClass): boolean {
  return objectionTo(module, load, priorityClass) !== undefined
}

/**
 * The depth below which a refused class is admitted again; undefined if it is not refused, or not because of the depth.
 */
export function readmitsBelow (module: PolicyModule, load: Load, priorityClass: PriorityClass): number | undefined {
  const retry = objectionTo(module, load, priorityClass)?.retry
  return typeof retry === 'object' && 'belowDepth' in retry ? retry.belowDepth : undefined
}

/** The refusal of an event by a controller that enforces everything; undefined if it admits the event. */
export function decide (
  controller: AdmissionController, priority: number, isProcessOverloaded = false, random = 0, bodyShare = 0
): Refusal | undefined {
  const verdict = controller.judge(
    eventOffer({ type: 'x', priority }), { isProcessOverloaded, bodyShare, modes: ALL_ENFORCED, canSpool: false }
  )
  if (verdict === undefined) return undefined
  const { reason, objection: { kind, retry } } = verdict
  return { kind, reason, retryAfterSeconds: controller.retryAfterSeconds(retry, priority, random) }
}

/** The load when the queue holds `depth` events; a known queue behind a closed circuit unless overridden. */
export function loadAt (
  depth: number,
  overrides: Partial<Signals> = {},
  isProcessOverloaded = false,
  bodyShare = 0
): Load {
  const signals: Signals = {
    takenAt: 0,
    isDepthKnown: true,
    depth,
    depthByPriority: [],
    arrivalRateByPriority: [],
    drainRate: 0,
    capacityPerSecond: undefined,
    waits: undefined,
    memory: { usedBytes: 0, capacityBytes: undefined, thresholds: undefined, restBytes: 0 },
    thresholds: THRESHOLDS,
    shedding: undefined,
    kept: undefined,
    preShed: undefined,
    fairShares: undefined,
    refusedMs: undefined,
    circuitState: overrides.circuits === undefined
      ? 'CLOSED'
      : worseState(overrides.circuits.depth, overrides.circuits.bytes),
    circuits: { depth: overrides.circuitState ?? 'CLOSED', bytes: 'CLOSED' },
    circuitSince: 0,
    ...overrides
  }
  return { signals, depth, bytes: signals.memory.usedBytes, isProcessOverloaded, bodyShare }
}

/** A reading of a queue with these numbers of events by priority. */
export function sampleOf (
  depths: Record<number, number>,
  finished = 0,
  enqueued: Record<number, number> = {}
): QueueSample {
  const byPriority = (events: Record<number, number>) =>
    Array.from({ length: 11 }, (_, priority) => events[priority] ?? 0)
  return { depthByPriority: byPriority(depths), enqueuedByPriority: byPriority(enqueued), finished }
}
