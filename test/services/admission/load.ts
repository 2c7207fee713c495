import { fileURLToPath } from 'node:url'
import { worseState } from '../../../services/admission/circuit.ts'
import type { NamedPolicy } from '../../../services/admission/policy.ts'
import { isSheddingPolicy } from '../../../services/admission/policy.ts'
import type { Load, QueueSample, Signals } from '../../../services/admission/signals.ts'
import type { Thresholds } from '../../../services/admission/thresholds.ts'
import { loadFolder } from '../../../services/registry/load-folder.ts'

const POLICY_FOLDER = fileURLToPath(new URL('../../../services/admission/policies', import.meta.url))

export const THRESHOLDS: Thresholds = { recovery: 50, warning: 100, critical: 500, hardLimit: 1_000 }

/** The policies as a running service loads them. */
export async function loadPolicies (): Promise<NamedPolicy[]> {
  const entries = await loadFolder(POLICY_FOLDER, isSheddingPolicy, 'a shedding policy')
  return entries.map(({ name, value }) => ({ ...value, reason: name }))
}

/** What a policy looks at when the queue holds `depth` events; a known queue behind a closed circuit unless overridden. */
export function loadAt (depth: number, overrides: Partial<Signals> = {}, isProcessOverloaded = false, bodyShare = 0): Load {
  const signals: Signals = {
    takenAt: 0,
    isDepthKnown: true,
    depth,
    depthByPriority: [],
    arrivalRateByPriority: [],
    drainRate: 0,
    memory: { usedBytes: 0, capacityBytes: undefined, thresholds: undefined, restBytes: 0 },
    thresholds: THRESHOLDS,
    circuitState: overrides.circuits === undefined ? 'CLOSED' : worseState(overrides.circuits.depth, overrides.circuits.bytes),
    circuits: { depth: overrides.circuitState ?? 'CLOSED', bytes: 'CLOSED' },
    circuitSince: 0,
    ...overrides
  }
  return { signals, depth, bytes: signals.memory.usedBytes, isProcessOverloaded, bodyShare }
}

/** A reading of a queue with these numbers of events by priority. */
export function sampleOf (depths: Record<number, number>, finished = 0, enqueued: Record<number, number> = {}): QueueSample {
  const byPriority = (events: Record<number, number>) => Array.from({ length: 11 }, (_, priority) => events[priority] ?? 0)
  return { depthByPriority: byPriority(depths), enqueuedByPriority: byPriority(enqueued), finished }
}
