/*
 * Records the times of disturbances, in milliseconds of the clock of the run:
 *
 *   begin ──► struck ──── the fault lasts ──── ended ──► restored ──── waiting ──► recovered
 *        inject                                     end
 *
 * Checks that tolerate faults ask here whether there was one.
 */

/**
 * The calls that a fault may repeat: none, those open when it strikes or ends, or all until the recovery. A rollback
 * puts Redis back to an earlier moment, so it may repeat all calls since then, however many each worker had.
 */
export const RISKS = ['none', 'strikes', 'throughout', 'rollback'] as const

export type Risk = typeof RISKS[number]

export interface Disturbance {
  /** From 1. */
  readonly number: number
  readonly fault: string
  risk: Risk
  /** Whether calls that were begun may arrive later by the whole time that it lasts. */
  readonly holdsCalls: boolean
  readonly beganAtMs: number
  struckAtMs: number
  endedAtMs: number
  restoredAtMs: number
  /** Infinity until the recovery. */
  recoveredAtMs: number
}

export class Timeline {
  readonly #disturbances: Disturbance[] = []

  get all (): readonly Disturbance[] { return this.#disturbances }

  begin (fault: string, risk: Risk, nowMs: number, holdsCalls = false): Disturbance {
    const disturbance: Disturbance = {
      number: this.#disturbances.length + 1,
      fault,
      risk,
      holdsCalls,
      beganAtMs: nowMs,
      struckAtMs: Infinity,
      endedAtMs: Infinity,
      restoredAtMs: Infinity,
      recoveredAtMs: Infinity
    }
    this.#disturbances.push(disturbance)
    return disturbance
  }

  /** Records a disturbance that was not injected, such as a standstill of this machine. */
  add (fault: string, fromMs: number, toMs: number, risk: Risk = 'throughout'): void {
    this.#disturbances.push({
      number: this.#disturbances.length + 1,
      fault,
      risk,
      holdsCalls: true,
      beganAtMs: fromMs,
      struckAtMs: fromMs,
      endedAtMs: toMs,
      restoredAtMs: toMs,
      recoveredAtMs: toMs
    })
  }

  /** Whether a disturbance overlaps the time between two moments, or ended so shortly before that it still shows. */
  isDisturbed (fromMs: number, toMs: number, slackMs: number): boolean {
    return this.#disturbances.some(
      ({ beganAtMs, recoveredAtMs }) => beganAtMs <= toMs && recoveredAtMs + slackMs >= fromMs
    )
  }

  /** Milliseconds between two moments for which a call that was begun may have been held. */
  heldMs (fromMs: number, toMs: number): number {
    return this.#disturbances.filter(({ holdsCalls }) => holdsCalls).reduce(
      (sum, { beganAtMs, restoredAtMs }) =>
        sum + Math.max(0, Math.min(restoredAtMs, toMs) - Math.max(beganAtMs, fromMs)),
      0
    )
  }
}
