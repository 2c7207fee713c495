import { setTimeout as wait } from 'node:timers/promises'
import type { StoredDeadLetter } from './dead-letter.ts'
import type { DeadLetterStore } from './dead-letter-store.ts'
import { isOutage } from './outage.ts'
import type { ReplayStore } from './replay-store.ts'
import { isOver, type Replay, type ReplaySelection } from './replay.ts'

/** Letters that a dry run shows. */
const SAMPLE = 10
const SAMPLE_CALLS = 20
const PROGRESS_INTERVAL_MS = 500

/** Replays, for those who ask for them and those who watch them. */
export class Replays {
  readonly #letters: DeadLetterStore
  readonly #store: ReplayStore
  readonly #onBegin: () => void

  constructor (letters: DeadLetterStore, store: ReplayStore, onBegin: () => void) {
    this.#letters = letters
    this.#store = store
    this.#onBegin = onBegin
  }

  /** Begins a replay of the letters that are there now; undefined when too many are going on. */
  async begin (selection: ReplaySelection): Promise<Replay | undefined> {
    const until = await this.#letters.lastScore()
    const replay = await this.#store.create(selection, await this.#matched(selection, until), until)
    this.#onBegin()
    return replay
  }

  /** Tells what a replay would move, and moves nothing. */
  async dryRun (selection: ReplaySelection): Promise<{ matched: number, sample: readonly StoredDeadLetter[] }> {
    const matched = await this.#matched(selection, await this.#letters.lastScore())
    if ('filter' in selection) return { matched, sample: (await this.#letters.list(selection.filter, { limit: SAMPLE, mostCalls: SAMPLE_CALLS })).letters }
    return { matched, sample: await this.#letters.getMany(selection.ids.slice(0, SAMPLE)) }
  }

  async get (id: string): Promise<Replay | undefined> {
    return await this.#store.get(id)
  }

  async latest (count: number): Promise<Replay[]> {
    return await this.#store.latest(count)
  }

  /** Ends a replay where it stands; what it has moved stays in the queue. Answers as ReplayStore.cancel. */
  async cancel (id: string): Promise<boolean | undefined> {
    return await this.#store.cancel(id)
  }

  /** Each state of a replay that is news, until it is over or the signal aborts. It goes on when Redis was away meanwhile. */
  async * progress (id: string, signal: AbortSignal): AsyncGenerator<Replay> {
    let last = ''
    while (!signal.aborted) {
      const replay = await this.#store.get(id).catch((error: unknown) => {
        if (!isOutage(error)) throw error
        return 'away' as const
      })
      if (replay === undefined) return
      if (replay !== 'away') {
        const text = JSON.stringify(replay)
        if (text !== last) yield replay
        last = text
        if (isOver(replay)) return
      }
      await wait(PROGRESS_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  async #matched (selection: ReplaySelection, until: string): Promise<number> {
    return 'filter' in selection ? await this.#letters.count(selection.filter, until) : await this.#letters.countOf(selection.ids)
  }
}
