import type { AdmissionGate } from './gate.ts'
import { pacedDepth } from './thresholds.ts'

/**
 * Slows a long stream down before it would be shed. Above the warning threshold, or half of a hold, a stream continues
 * only as the queue drains, and TCP slows its sender down. It also waits while the queue cannot be read or this process
 * is overloaded. It waits as long as the depth falls; if the queue does not move for `patienceMs`, it continues and is
 * judged like all other events.
 */
export class StreamPacer {
  readonly #gate: AdmissionGate
  readonly #patienceMs: number
  readonly #now: () => number
  #hasLostPatience = false

  constructor (gate: AdmissionGate, patienceMs: number, now: () => number) {
    this.#gate = gate
    this.#patienceMs = patienceMs
    this.#now = now
  }

  /** Resolves when the stream may read on. */
  async waitForRoom (): Promise<void> {
    if (!this.#isCrowded()) {
      this.#hasLostPatience = false
      return
    }
    let lowest = this.#gate.depth
    let progressAt = this.#now()
    while (!this.#hasLostPatience && this.#isCrowded()) {
      await this.#gate.nextSignals()
      if (this.#gate.depth < lowest) {
        lowest = this.#gate.depth
        progressAt = this.#now()
      }
      this.#hasLostPatience = this.#now() - progressAt >= this.#patienceMs
    }
  }

  #isCrowded (): boolean {
    const { mode, signals, depth, bytes } = this.#gate
    if (mode !== 'true') return false
    // An open circuit affects all producers: the stream is answered immediately, like all others.
    return (
      !signals.isDepthKnown ||
      this.#gate.isProcessOverloaded ||
      (signals.circuitState === 'CLOSED' && (
        depth >= pacedDepth(signals.thresholds) ||
        bytes >= (signals.memory.thresholds?.warning ?? Infinity)
      ))
    )
  }
}
