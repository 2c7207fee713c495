import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Logger } from 'pino'
import type { WorkSample } from '../control/capacity.ts'
import type { SettingsVersion } from '../settings/settings-in-force.ts'
import { ArrivalCounts } from './arrival-counts.ts'
import type { ArrivalFolder } from './arrival-folder.ts'
import { WINDOW_MS, type ArrivalRecord } from './arrival-record.ts'

/** A process that dies loses at most the events of this time, besides a record that is just being written. */
const RECORD_MS = 10_000
const WORK_INTERVAL_MS = 1_000
const MOST_WORK = 64
const compress = promisify(gzip)

export interface RecorderOptions {
  folder: Pick<ArrivalFolder, 'append' | 'path'>
  settings: () => Pick<SettingsVersion, 'version' | 'settings'>
  configuration: ArrivalRecord['configuration']
  log: Logger
  /** Milliseconds since the epoch, so that the records of several processes fit together. */
  now: () => number
}

/** Records the arrivals of this process. Trouble with the disk costs records and nothing else. */
export class ArrivalRecorder {
  readonly counts = new ArrivalCounts()
  /** Records since the start; lost ones could not be written. */
  readonly totals = { written: 0, lost: 0 }
  readonly #options: RecorderOptions
  #work: WorkSample[] = []
  #from: number
  #windowAt: number
  #writing: Promise<void> | undefined
  #isInTrouble = false

  constructor (options: RecorderOptions) {
    this.#options = options
    this.#windowAt = startOf(options.now())
    this.#from = this.#windowAt
  }

  /** Takes in the figures of a reading, one in a second. */
  observe (work: WorkSample): void {
    const last = this.#work.at(-1)
    if (last !== undefined && Math.abs(work.at - last.at) < WORK_INTERVAL_MS) return
    if (this.#work.length < MOST_WORK) this.#work.push(work)
  }

  /** Ends a window, and the record if it is long enough; to be called once in WINDOW_MS. */
  turn (): void {
    const now = this.#options.now()
    this.#endWindow(now)
    const isOver = now - this.#from >= RECORD_MS || now < this.#from || this.counts.isFull
    if (isOver) this.#endRecord(now)
  }

  /** Writes what has been counted so far; resolves once it is written or lost. */
  async flush (): Promise<void> {
    const now = this.#options.now()
    await this.#writing
    this.#endWindow(now)
    this.#endRecord(now)
    await this.#writing
  }

  #endWindow (now: number): void {
    // A clock that was set back would give a window before the first one.
    this.counts.endWindow(Math.max(0, (this.#windowAt - this.#from) / WINDOW_MS))
    this.#windowAt = startOf(now)
  }

  #endRecord (now: number): void {
    const { settings, configuration } = this.#options
    const { version, settings: inForce } = settings()
    const record: ArrivalRecord = {
      format: 'spillway-arrivals-1',
      from: this.#from,
      to: Math.max(this.#from, now),
      ...this.counts.take(),
      work: this.#work,
      settings: { version, settings: inForce },
      configuration
    }
    this.#work = []
    this.#from = this.#windowAt
    if (this.#writing === undefined) {
      this.#writing = this.#write(record, now).finally(() => { this.#writing = undefined })
    } else {
      this.#lose(new Error('the record before is still being written'))
    }
  }

  async #write (record: ArrivalRecord, now: number): Promise<void> {
    try {
      await this.#options.folder.append(await compress(`${JSON.stringify(record)}\n`), now)
      this.totals.written++
      if (!this.#isInTrouble) return
      this.#isInTrouble = false
      this.#options.log.info({ event: 'arrivals-recorded', lost: this.totals.lost }, 'arrivals are recorded again')
    } catch (error) {
      this.#lose(error)
    }
  }

  #lose (err: unknown): void {
    this.totals.lost++
    if (this.#isInTrouble) return
    this.#isInTrouble = true
    this.#options.log.error(
      { event: 'arrivals-unrecorded', err, path: this.#options.folder.path },
      'arrivals cannot be recorded, and the service goes on without: check the disk and the rights on the folder'
    )
  }
}

function startOf (now: number): number {
  return now - now % WINDOW_MS
}
