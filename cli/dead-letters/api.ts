import type { ServiceApi } from '../service-api.ts'

const DEAD_LETTERS = 'api/v1/dead-letters'
const MOST_IN_PAGE = 1_000

export interface DeadLetter {
  readonly id: string
  readonly event: { readonly id: string, readonly type: string }
  readonly reason: string
  readonly error: string
  readonly attempts: number
  readonly diedAt: string
}

export interface Replay {
  readonly id: string
  readonly status: string
  readonly reason?: string
  readonly matched: number
  readonly replayed: number
  readonly skipped: number
}

/** The options that choose dead letters. */
export interface DeadLetterFilter {
  readonly type?: string
  readonly organization?: string
  readonly reason?: string
  readonly from?: string
  readonly to?: string
}

/** Reads page after page until there are enough. */
export async function listDeadLetters (
  service: ServiceApi,
  { type, organization, reason, from, to }: DeadLetterFilter,
  limit: number
): Promise<{ deadLetters: DeadLetter[], hasMore: boolean }> {
  const filters = Object.entries({ type, organizationId: organization, reason, from, to }).flatMap((
    [name, value]
  ): [string, string][] => value === undefined ? [] : [[name, value]])
  const deadLetters: DeadLetter[] = []
  for (let cursor: string | undefined;;) {
    const query = new URLSearchParams([...filters, [
      'limit',
      String(Math.min(MOST_IN_PAGE, limit - deadLetters.length))
    ], ...cursor === undefined ? [] : [['cursor', cursor] as [string, string]]])
    const page = await service.ask<{ deadLetters: DeadLetter[], next?: string }>('GET', `${DEAD_LETTERS}?${query}`)
    deadLetters.push(...page.deadLetters)
    // A page may be empty without being the last.
    if (page.next === undefined || deadLetters.length >= limit) return { deadLetters, hasMore: page.next !== undefined }
    cursor = page.next
  }
}

/** Reads one dead letter. */
export function readDeadLetter (service: ServiceApi, id: string): Promise<DeadLetter> {
  return service.ask('GET', `${DEAD_LETTERS}/${encodeURIComponent(id)}`)
}

/** Starts a replay of the chosen dead letters, or lists them in a dry run. */
export function beginReplay (
  service: ServiceApi,
  selection: object
): Promise<Replay | { dryRun: true, matched: number, sample: DeadLetter[] }> {
  return service.ask('POST', `${DEAD_LETTERS}/replay`, selection)
}

/** Reads the progress of a replay. */
export function readReplay (service: ServiceApi, id: string): Promise<Replay> {
  return service.ask('GET', `${DEAD_LETTERS}/replays/${encodeURIComponent(id)}`)
}

/** Reads the latest replays. */
export async function listReplays (service: ServiceApi): Promise<Replay[]> {
  return (await service.ask<{ replays: Replay[] }>('GET', `${DEAD_LETTERS}/replays`)).replays
}

/** Cancels a running replay. */
export function cancelReplay (service: ServiceApi, id: string): Promise<Replay> {
  return service.ask('DELETE', `${DEAD_LETTERS}/replays/${encodeURIComponent(id)}`)
}

/** Whether a replay has ended. */
export function isOver ({ status }: Replay): boolean {
  return status === 'done' || status === 'cancelled'
}
