import { sum } from '../../services/admission/sum.ts'
import type { WorkSample } from '../../services/control/capacity.ts'
import { wholeWorkers } from '../../services/scaling/workers-needed.ts'
import type { World } from '../world/world.ts'
import { fine, type Advice } from './advice.ts'

/** The workers of a recording, and those for its peak. */
export interface WorkerNeed {
  /** Processes, and batches that each had in work at once at most; means of the recording. */
  readonly workers: number
  readonly concurrency: number
  /** Events per second of one process. */
  readonly perWorker: number
  /** Processes for the peak minute at the present concurrency. */
  readonly needed: number
  /** Concurrency for the peak minute with the present processes. */
  readonly neededConcurrency: number
}

/**
 * The slots in use at a rate X are X × S (Little's law), with S the seconds that an event keeps a slot; the recording
 * tells S as the sum of taken slots over the sum of finished events.
 *
 * @param perSecond capacity of all workers
 * @param peak events per second
 * @returns undefined if no work was recorded
 */
export function workerNeed (
  work: readonly WorkSample[], perSecond: number, peak: number
): WorkerNeed | undefined {
  const live = work.filter(({ workers, slots }) => workers > 0 && slots > 0)
  const first = live[0]
  const last = live.at(-1)
  if (first === undefined || last === undefined || last.worked <= first.worked) return undefined
  const workers = sum(live.map((sample) => sample.workers)) / live.length
  const concurrency = sum(live.map((sample) => sample.slots)) / live.length / workers
  const takenSlots = sum(live.map((sample) => sample.takenSlots)) / live.length
  const slotSeconds = takenSlots * (last.at - first.at) / 1_000 / (last.worked - first.worked)
  const perWorker = perSecond / workers
  if (perWorker <= 0) return undefined
  const needed = wholeWorkers(peak / perWorker)
  const neededConcurrency = Math.max(1, Math.ceil(peak * slotSeconds / workers))
  return { workers, concurrency, perWorker, needed, neededConcurrency }
}

/** @param peak events per second */
export function workerAdvice ({ recording }: World, perSecond: number, peak: number): Advice {
  const need = workerNeed(recording?.work ?? [], perSecond, peak)
  if (need === undefined) return { reasons: [`workers: the peak minute takes ${fine(peak / perSecond)} of this capacity`] }
  const { workers, concurrency, perWorker, needed, neededConcurrency } = need
  const ran = `workers: ${fine(workers)} ran, with ${fine(perWorker)} events/s each; the peak minute needs ${needed} of them`
  if (needed <= workers || neededConcurrency <= concurrency) return { reasons: [ran] }
  return {
    reasons: [
      ran,
      `concurrency: or ${neededConcurrency} batches at once in place of ${fine(concurrency)}, with the workers that ran; ` +
      'that helps only while their processes have CPU left and the consumer keeps up'
    ],
    environment: { RULE_ENGINE_WORKER_CONCURRENCY: neededConcurrency }
  }
}
