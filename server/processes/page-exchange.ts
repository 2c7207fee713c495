import { Deadline } from '../../services/clock/deadline.ts'
import type { ProcessPage } from '../../services/metrics/merged-page.ts'

/** A process that is busy for longer is missing on the merged page. */
const PATIENCE_MS = 2_000

/** A running process, as the supervisor sees it. */
export interface Peer {
  readonly name: string
  /** Asks for its page of metrics; the answer comes to `receive`. */
  readonly askForPage: (request: number) => void
}

interface Gathering {
  readonly pages: ProcessPage[]
  readonly missing: Set<string>
  readonly end: () => void
}

/** Gathers the pages of metrics of processes. */
export class PageExchange {
  readonly #gatherings = new Map<number, Gathering>()
  #requests = 0

  /** Resolves with the pages of the processes that answer in time. */
  async gather (peers: readonly Peer[]): Promise<readonly ProcessPage[]> {
    if (peers.length === 0) return []
    const request = ++this.#requests
    const { promise, resolve } = Promise.withResolvers<void>()
    const gathering: Gathering = { pages: [], missing: new Set(peers.map(({ name }) => name)), end: resolve }
    this.#gatherings.set(request, gathering)
    const deadline = new Deadline(PATIENCE_MS, resolve)
    for (const { askForPage } of peers) askForPage(request)
    await promise
    deadline.clear()
    this.#gatherings.delete(request)
    return gathering.pages.toSorted((a, b) => Number(a.process) - Number(b.process))
  }

  /** Takes in the page of a process; does nothing if nobody waits for it any more. */
  receive (request: number, page: ProcessPage): void {
    const gathering = this.#gatherings.get(request)
    if (gathering === undefined || !gathering.missing.delete(page.process)) return
    gathering.pages.push(page)
    if (gathering.missing.size === 0) gathering.end()
  }

  /** Waits no longer for a process that has ended. */
  leave (name: string): void {
    for (const { missing, end } of this.#gatherings.values()) {
      if (missing.delete(name) && missing.size === 0) end()
    }
  }
}
