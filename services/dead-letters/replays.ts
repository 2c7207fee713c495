import { narrowed, type StoredDeadLetter } from './dead-letter.ts'
import type { DeadLetterReader } from './dead-letter-reader.ts'
import type { BeginOutcome, ReplayStore } from './replay-store.ts'
import type { Replay, ReplaySelection } from './replay.ts'

/** Dead letters that a dry run shows. */
const SAMPLE = 10
const SAMPLE_CALLS = 20

/** Begins, lists and cancels replays for operators; `within` is the organization whose events they may see, or all. */
export class Replays {
  readonly #deadLetters: DeadLetterReader
  readonly #store: ReplayStore
  readonly #onBegin: () => void

  constructor (deadLetters: DeadLetterReader, store: ReplayStore, onBegin: () => void) {
    this.#deadLetters = deadLetters
    this.#store = store
    this.#onBegin = onBegin
  }

  /** Begins a replay of the present dead letters, unless too many are unfinished. */
  async begin (wanted: ReplaySelection, within?: string): Promise<BeginOutcome> {
    const selection = await this.#narrowed(wanted, within)
    const until = await this.#deadLetters.lastScore()
    const outcome = await this.#store.create(selection, await this.#matched(selection, until), until, within)
    this.#onBegin()
    return outcome
  }

  /** Returns what a replay would move, and moves nothing. */
  async dryRun (
    wanted: ReplaySelection, within?: string
  ): Promise<{ matched: number, sample: readonly StoredDeadLetter[] }> {
    const selection = await this.#narrowed(wanted, within)
    const matched = await this.#matched(selection, await this.#deadLetters.lastScore())
    if ('filter' in selection)
      return {
        matched,
        sample: (await this.#deadLetters.list(selection.filter, { limit: SAMPLE, mostCalls: SAMPLE_CALLS })).deadLetters
      }
    return { matched, sample: await this.#deadLetters.getMany(selection.ids.slice(0, SAMPLE)) }
  }

  async get (id: string, within?: string): Promise<Replay | undefined> {
    return await this.#store.get(id, within)
  }

  async latest (count: number, within?: string): Promise<Replay[]> {
    return await this.#store.latest(count, within)
  }

  /** Cancels a replay; moved events stay in the queue. Returns the same as ReplayStore.cancel. */
  async cancel (id: string, within?: string): Promise<boolean | undefined> {
    const isSeen = within === undefined || await this.get(id, within) !== undefined
    return isSeen ? await this.#store.cancel(id) : undefined
  }

  /** A replay keeps its selection, so it is narrowed to the organization before it begins. */
  async #narrowed (selection: ReplaySelection, within: string | undefined): Promise<ReplaySelection> {
    if ('ids' in selection) return { ids: await this.#deadLetters.idsWithin(selection.ids, within) }
    const filter = narrowed(selection.filter, within)
    return filter === undefined ? { ids: [] } : { filter }
  }

  async #matched (selection: ReplaySelection, until: string): Promise<number> {
    return 'filter' in selection
      ? await this.#deadLetters.count(selection.filter, until)
      : await this.#deadLetters.countOf(selection.ids)
  }
}
