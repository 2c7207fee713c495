import type { DemandSample } from '../../../services/scaling/demand-sample.ts'

export const SLOTS = 20

export type Figures = Partial<Omit<DemandSample, 'offeredByClass' | 'waitingByClass'>>

/** A sample of a queue in which all events are low ones, and one worker is idle unless the figures say otherwise. */
export function sample (figures: Figures): DemandSample {
  const { arrived = 0, waiting = 0, workers = 1 } = figures
  return {
    at: 0,
    arrived,
    worked: 0,
    completed: 0,
    waiting,
    inWork: 0,
    workers,
    heldWorkers: 0,
    slots: workers * SLOTS,
    takenSlots: 0,
    isPaused: false,
    isHeldUp: false,
    ...figures,
    offeredByClass: { critical: 0, normal: 0, low: arrived },
    waitingByClass: { critical: 0, normal: 0, low: waiting }
  }
}
