import type { NearQuota } from '../admission/quota-standing.ts'

const REPEAT_MS = 60_000

/** Organizations whose last line is remembered; others get none until there is room. */
const MOST_REMEMBERED = 1_000

const MOST_LINES = 10

/** Selects the organizations near their quotas that the log names: each once a minute, and ten at a time. */
export class NearQuotaLog {
  readonly #loggedAt = new Map<string, number>()

  /** @param now milliseconds of a clock that does not go back */
  select (near: readonly NearQuota[], now: number): NearQuota[] {
    // In the order of their lines, the oldest first.
    for (const [organizationId, at] of this.#loggedAt) {
      if (now - at < REPEAT_MS) break
      this.#loggedAt.delete(organizationId)
    }
    const selected: NearQuota[] = []
    for (const each of near) {
      if (selected.length === MOST_LINES || this.#loggedAt.size === MOST_REMEMBERED) break
      if (this.#loggedAt.has(each.organizationId)) continue
      this.#loggedAt.set(each.organizationId, now)
      selected.push(each)
    }
    return selected
  }
}
