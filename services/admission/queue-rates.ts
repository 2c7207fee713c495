import { PRIORITY_SLOTS } from './priority-class.ts'
import { smoothRate } from './rate.ts'
import type { QueueSample } from './signals.ts'
import { sum } from './sum.ts'

/** How fast events come and are finished, from the differences of samples. */
export class QueueRates {
  #previous: { sample: QueueSample, at: number } | undefined
  #drain: number | undefined
  #arrivals: (number | undefined)[] = Array.from({ length: PRIORITY_SLOTS })

  /** Finished events per second. */
  get drain (): number { return this.#drain ?? 0 }

  /** Accepted events per second, by priority. */
  get arrivals (): number[] { return this.#arrivals.map((rate) => rate ?? 0) }

  copy (): QueueRates {
    const copy = new QueueRates()
    copy.#previous = this.#previous
    copy.#drain = this.#drain
    copy.#arrivals = this.#arrivals
    return copy
  }

  /** The next sample follows a gap, which says nothing about rates. */
  lose (): void {
    this.#previous = undefined
  }

  update (sample: QueueSample, now: number): void {
    const previous = this.#previous
    this.#previous = { sample, at: now }
    if (previous === undefined || now <= previous.at) return
    const elapsedMs = now - previous.at
    const perSecond = (events: number) => Math.max(0, events) * 1000 / elapsedMs
    const finishedRate = perSecond(sample.finished - previous.sample.finished)
    // The rate of idle workers shows how many events arrived, not how fast workers are: it may only raise the estimate.
    const hadWork = sum(previous.sample.depthByPriority) > 0 && sum(sample.depthByPriority) > 0
    if (hadWork || finishedRate > (this.#drain ?? 0)) this.#drain = smoothRate(this.#drain, finishedRate, elapsedMs)
    this.#arrivals = this.#arrivals.map((rate, priority) =>
      smoothRate(
        rate,
        perSecond((sample.enqueuedByPriority[priority] ?? 0) - (previous.sample.enqueuedByPriority[priority] ?? 0)),
        elapsedMs
      )
    )
  }
}
