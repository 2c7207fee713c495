/** The settings of an autoscaler; those by default are what deploy/kubernetes gives to Kubernetes. */
export interface ReplicaPolicyOptions {
  readonly fewest?: number
  readonly most?: number
  /** A difference of at most this share changes nothing. */
  readonly tolerance?: number
  /** The number falls to the highest one of this time. */
  readonly scaleInWindowMs?: number
}

/** Milliseconds between two looks. */
export const LOOK_INTERVAL_MS = 15_000

/** Keeps the rounding of floating point from turning a tenth into more than a tenth. */
const ROUNDING = 1e-9

/**
 * The rules by which the HorizontalPodAutoscaler of Kubernetes follows a number of pods: nothing changes within the
 * tolerance or without a number, it goes up at once, and down to the most that was wanted within a window.
 */
export class ReplicaPolicy {
  readonly #options: Required<ReplicaPolicyOptions>
  #wanted: { readonly at: number, readonly count: number }[] = []

  constructor ({ fewest = 1, most = Infinity, tolerance = 0.1, scaleInWindowMs = 0 }: ReplicaPolicyOptions = {}) {
    this.#options = { fewest, most, tolerance, scaleInWindowMs }
  }

  /**
   * Returns the number of replicas to have from now on.
   *
   * @param needed undefined while nobody knows
   * @param replicas those that there are or that start
   */
  next (at: number, needed: number | undefined, replicas: number): number {
    const { fewest, most, tolerance, scaleInWindowMs } = this.#options
    const asked = needed === undefined || Math.abs(needed / replicas - 1) <= tolerance + ROUNDING ? replicas : needed
    const count = Math.min(most, Math.max(fewest, asked))
    this.#wanted = [...this.#wanted.filter((one) => one.at > at - scaleInWindowMs), { at, count }]
    return count >= replicas ? count : Math.min(replicas, Math.max(...this.#wanted.map((one) => one.count)))
  }
}
