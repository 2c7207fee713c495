import type { Registry } from '@prometheus-io/client'
import { TallyHistogram, type Tally } from './tally-histogram.ts'

/** The method and the path of a request. */
export interface Route {
  readonly method: string
  readonly path: string
}

/** The durations of requests, by method, route and status. */
export class RequestDurations {
  readonly #histogram: TallyHistogram<'method' | 'route' | 'status_code'>

  constructor (registry: Registry) {
    this.#histogram = new TallyHistogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registry
    })
  }

  /** Returns a function that records the status and the duration in seconds of requests of a route. */
  of ({ method, path }: Route): (status: number, seconds: number) => void {
    const byStatus = new Map<number, Tally>()
    return (status, seconds) => {
      let tally = byStatus.get(status)
      if (tally === undefined) {
        tally = this.#histogram.add({ method, route: path, status_code: status })
        byStatus.set(status, tally)
      }
      tally.observe(seconds)
    }
  }
}
