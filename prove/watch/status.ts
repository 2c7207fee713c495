const READ_TIMEOUT_MS = 2_000

/** The figures that Spillway reports about itself; undefined if it does not report one. */
export interface Status {
  /** Events waiting, active, or waiting for their next attempt. */
  readonly pending: number
  readonly deadLetters: number
  readonly spooled: number | undefined
  readonly circuitState: string
  /** All events booked as done. */
  readonly done: number
  /** All events booked as expired. */
  readonly expired: number
  /** The imbalance of its ledger in events, by side. */
  readonly imbalance: Readonly<Record<string, number>>
}

interface QueueAnswer {
  queue: { totalPending: number | null, counts: { delayed: number, failed: number } }
  backpressure: { circuitState: string }
}

/** Reads the figures of an API; undefined while it does not answer or does not know them. */
export async function readStatus (url: string): Promise<Status | undefined> {
  const read = (path: string) => fetch(`${url}/api/v1${path}`, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) })
  try {
    const { queue: { totalPending, counts }, backpressure: { circuitState } } = await (await read('/metrics/queue'))
      .json() as QueueAnswer
    if (totalPending === null) return undefined
    const page = await (await read('/metrics/prometheus')).text()
    const sumOf = (name: string) => [...samples(page, name).values()].reduce((sum, events) => sum + events, 0)
    return {
      pending: totalPending + counts.delayed,
      deadLetters: counts.failed,
      spooled: samples(page, 'spillway_spool_events').size === 0 ? undefined : sumOf('spillway_spool_events'),
      circuitState,
      done: sumOf('spillway_ledger_done_total'),
      expired: sumOf('spillway_ledger_expired_total'),
      imbalance: Object
        .fromEntries([...samples(page, 'spillway_ledger_imbalance')].map((
          [labels, events]
        ) => [/side="(\w+)"/.exec(labels)?.[1] ?? labels, events]))
    }
  } catch {
    return undefined
  }
}

/** Whether the API is ready for traffic. */
export async function isReady (url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/v1/health/readiness`, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

/** Returns the values of a metric on a Prometheus page by their labels. */
export function samples (page: string, name: string): Map<string, number> {
  return new Map([...page.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)`, 'gm'))].map((
    [, labels = '', value]
  ) => [labels, Number(value)]))
}
