/*
 * Reads recorded arrivals, of one file or of all files in a folder, and merges those of several processes by time. The
 * files are read twice: first for the names with the most events and for the bounds of the time, then for the counts.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArrivalRecord } from '../../services/arrivals/arrival-record.ts'
import { FIRST_NAME, WINDOW_MS } from '../../services/arrivals/arrival-record.ts'
import type { WorkSample } from '../../services/control/capacity.ts'
import type { Arrivals } from '../arrivals/arrivals.ts'
import { TraceError } from '../arrivals/read-trace.ts'
import { Entries } from './entries.ts'
import { FrequentNames } from './frequent-names.ts'
import { readRecords } from './record-file.ts'
import { RecordedKinds } from './recorded-kinds.ts'

const ENDING = '.jsonl.gz'
const MOST_NAMES = { organizations: 1_000, types: 200 } as const
/** Above this, events are counted by the second. */
const MOST_FINE_ENTRIES = 10_000_000
const COARSE_MS = 1_000
/** Four months of seconds. */
const MOST_BINS = 10_000_000
/** Every replica records the work of all workers once in a second. */
const WORK_INTERVAL_MS = 900

export interface Recording {
  readonly arrivals: Arrivals
  /** Milliseconds since the epoch at the beginning of the arrivals. */
  readonly from: number
  readonly work: readonly WorkSample[]
  /** Refusals by their reasons, as they really were. */
  readonly refusedBy: Readonly<Record<string, number>>
  /** The settings and the configuration of the last record, and the versions of the settings in all of them. */
  readonly settings: ArrivalRecord['settings']['settings']
  readonly configuration: ArrivalRecord['configuration']
  readonly settingsVersions: readonly number[]
  /** Sentences about records that cannot be read. */
  readonly damages: readonly string[]
}

/** @throws TraceError */
export async function readRecording (path: string): Promise<Recording> {
  const files = await filesOf(path)
  const survey = new Survey()
  const damages: string[] = []
  for (const file of files) {
    const unreadable = await readRecords(file, (record) => survey.add(record))
    if (unreadable > 0) damages.push(`${file}: ${unreadable} records cannot be read, and their events are missing`)
  }
  const { last } = survey
  if (last === undefined) throw new TraceError(`${path} holds no records that can be read`)
  const binMs = survey.entries > MOST_FINE_ENTRIES ? COARSE_MS : WINDOW_MS
  const from = survey.from - survey.from % binMs
  const bins = Math.ceil((survey.to - from) / binMs)
  if (bins > MOST_BINS) throw new TraceError(`${path} spans too long a time for one run; name fewer files`)
  const kinds = new RecordedKinds(survey.names)
  const entries = new Entries()
  for (const file of files) await readRecords(file, (record) => collect(record, kinds, entries, { binMs, from, bins }))
  const { total, ...sorted } = entries.sorted(bins)
  if (!total.some((count) => count > 0)) throw new TraceError(`${path} holds no events`)
  const { organizations, types } = kinds
  return {
    arrivals: {
      binMs,
      counts: total,
      isCounted: true,
      recorded: { kinds: kinds.kinds, organizations, types, ...sorted }
    },
    from,
    work: survey.work,
    refusedBy: Object.fromEntries(survey.refusedBy),
    settings: last.settings.settings,
    configuration: last.configuration,
    settingsVersions: [...survey.versions].toSorted((a, b) => a - b),
    damages
  }
}

async function filesOf (path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = (await readdir(path)).filter((name) => name.endsWith(ENDING)).toSorted()
    if (names.length > 0) return names.map((name) => join(path, name))
  } catch (error) {
    throw new TraceError(`${path} cannot be read: ${(error as Error).message}`)
  }
  throw new TraceError(`${path} holds no file that ends with ${ENDING}`)
}

/** The first look at all records: bounds, names and facts about all of them. */
class Survey {
  from = Infinity
  to = -Infinity
  entries = 0
  last: ArrivalRecord | undefined
  readonly refusedBy = new Map<string, number>()
  readonly versions = new Set<number>()
  readonly #names = { organizations: new FrequentNames(), types: new FrequentNames() }
  readonly #work: WorkSample[] = []

  add (record: ArrivalRecord): void {
    const { from, to, windows, refusedBy, settings, work } = record
    this.from = Math.min(this.from, from)
    // A clock that was set back may leave the end of a record before its last window.
    this.to = Math.max(this.to, to, from + ((windows.at(-1)?.[0] ?? -1) + 1) * WINDOW_MS)
    if (this.last === undefined || to > this.last.to) this.last = record
    for (const [reason, count] of Object.entries(refusedBy)) {
      this.refusedBy.set(reason, (this.refusedBy.get(reason) ?? 0) + count)
    }
    this.versions.add(settings.version)
    this.#work.push(...work)
    for (const window of windows) this.entries += (window.length - 1) / 3
    this.#count(record)
  }

  get names () {
    return {
      organizations: this.#names.organizations.top(MOST_NAMES.organizations),
      types: this.#names.types.top(MOST_NAMES.types)
    }
  }

  /** The samples of work in the order of time, one of each second. */
  get work (): WorkSample[] {
    let last = -Infinity
    return this.#work.toSorted((a, b) => a.at - b.at).filter(({ at }) => {
      if (at - last < WORK_INTERVAL_MS) return false
      last = at
      return true
    })
  }

  #count ({ kinds, windows, organizations, types }: ArrivalRecord): void {
    const events = new Float64Array(kinds.length)
    for (const window of windows) {
      for (let index = 1; index < window.length; index += 3) events[window[index] as number]! += window[index + 1] as number
    }
    for (const [kind, [, type, organization]] of kinds.entries()) {
      const count = events[kind] as number
      if (type >= FIRST_NAME) this.#names.types.add(types[type - FIRST_NAME] as string, count)
      if (organization >= FIRST_NAME) {
        this.#names.organizations.add(organizations[organization - FIRST_NAME] as string, count)
      }
    }
  }
}

interface Bins {
  readonly binMs: number
  readonly from: number
  readonly bins: number
}

/** Adds the counts of a record; windows of the same bin are added up, so that coarse bins make few entries. */
function collect (record: ArrivalRecord, kinds: RecordedKinds, entries: Entries, { binMs, from, bins }: Bins): void {
  const kindAt = kinds.of(record)
  const counts = new Map<number, { offered: number, refused: number }>()
  let bin = -1
  const end = () => {
    for (const [kind, { offered, refused }] of counts) entries.add(bin, kind, offered, refused)
    counts.clear()
  }
  for (const window of record.windows) {
    const at = record.from + (window[0] as number) * WINDOW_MS
    const next = Math.min(bins - 1, Math.floor((at - from) / binMs))
    if (next !== bin) end()
    bin = next
    for (let index = 1; index < window.length; index += 3) {
      const kind = kindAt[window[index] as number] as number
      const sum = counts.get(kind) ?? { offered: 0, refused: 0 }
      counts.set(kind, sum)
      sum.offered += window[index + 1] as number
      sum.refused += window[index + 2] as number
    }
  }
  end()
}
