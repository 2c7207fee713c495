/*
 * Critical events that the queue cannot accept wait on the local disk, a file per batch:
 *
 *   write   temporary file ─► fsync ─► rename ─► fsync of the folder ─► resolved: may be answered 202
 *   leave   read ─► into the queue, confirmed ─► removed
 *
 * A kill at any point leaves a batch complete or not at all. Between the last two steps it leaves a batch in both
 * places, which the queue recognizes by its id. An accepted batch is on disk, and a refused one is not, unless the disk
 * failed and could not remove the file either.
 *
 * The folder is authoritative, and this object is its index. Several processes may use one folder: each sees the files
 * of the others whenever it opens the folder. The bound applies to the files that a process knows.
 */
import type { Logger } from 'pino'
import type { Batch } from '../queue/batch.ts'
import type { Remembered } from '../queue/remembered.ts'
import { identitiesOf, KeyPlaces } from './key-places.ts'
import { BLOCK_BYTES, compareEntries, newEntry, parseName, type SpoolEntry } from './spool-entry.ts'
import { asRefusal, SpoolError, type SpoolRefusal } from './spool-error.ts'
import { readEntry, type Decode } from './read-entry.ts'
import { decodeFile, decodeIdentities, encodeFile } from './spool-file.ts'
import { SpoolFolder } from './spool-folder.ts'
import { SpoolIndex } from './spool-index.ts'
import { SpoolTrouble } from './spool-trouble.ts'

export interface SpoolOptions {
  dir: string
  maxBytes: number
  /** Milliseconds of the epoch, for the names of files. */
  now: () => number
  /** Milliseconds of a clock that nobody sets. */
  monotonic: () => number
  log: Logger
}

/** Counts of events since the start. */
export interface SpoolTotals {
  written: number
  drained: number
  damaged: number
  readonly refused: Record<SpoolRefusal, number>
}

/** Files that are read in parallel when the folder is opened. */
const READERS = 8

/** The durable store on the local disk for events that the queue cannot accept. */
export class Spool {
  readonly totals: SpoolTotals = {
    written: 0,
    drained: 0,
    damaged: 0,
    refused: { 'spool-full': 0, 'spool-unusable': 0 }
  }
  readonly maxBytes: number
  readonly #now: () => number
  readonly #log: Logger
  readonly #folder: SpoolFolder
  readonly #index = new SpoolIndex()
  readonly #places = new KeyPlaces()
  readonly #trouble: SpoolTrouble
  readonly #writing = new Map<string, Promise<void>>()
  readonly #unchecked: SpoolEntry[] = []
  /** Files of drained or damaged batches that the disk could not remove. */
  readonly #leftBehind = new Map<string, 'drained' | 'damaged'>()
  #reservedBytes = 0
  #bytesAside = 0
  #isListed = false
  #listing: Promise<void> | undefined

  constructor ({ dir, maxBytes, now, monotonic, log }: SpoolOptions) {
    this.maxBytes = maxBytes
    this.#now = now
    this.#log = log
    this.#folder = new SpoolFolder(dir)
    this.#trouble = new SpoolTrouble(monotonic, log)
  }

  get batches (): number { return this.#index.size }
  /** Bytes on disk, in whole blocks, including files in progress and damaged ones. */
  get bytes (): number { return this.#index.bytes + this.#reservedBytes + this.#bytesAside }
  /** Slot 0 is unused. */
  get eventsByPriority (): number[] { return this.#index.eventsByPriority }
  /** False if the spool is full, and for a moment after the disk failed. */
  get canWrite (): boolean { return this.bytes + BLOCK_BYTES <= this.maxBytes && !this.#trouble.isResting }

  has (batchId: string): boolean { return this.#index.has(batchId) }

  /** The spooled event with this key. */
  remembered (key: string): Remembered | undefined { return this.#places.eventOf(key) }

  /** The secret that proves the ids of a spooled batch that name their places. */
  secretOf (batchId: string): string | undefined { return this.#places.secretOf(batchId) }

  /** All batches in the order in which they leave: the best priority first, then the oldest. */
  entries (): Iterable<SpoolEntry> { return this.#index }

  /**
   * Reads the folder and each new file, so it reports damage early. Never rejects: it logs an unusable folder, and
   * every write tries again. A further call sees the changes of other processes.
   */
  async open (): Promise<void> {
    try {
      await this.#list()
    } catch (error) {
      const refusal = this.#record(error)
      if (!(refusal instanceof SpoolError)) throw refusal
    }
    await Promise.all(Array.from({ length: READERS }, () => this.#check()))
  }

  /** Resolves once the batch is on disk; otherwise rejects with a SpoolError. */
  write (batch: Batch): Promise<void> {
    if (this.has(batch.id)) return Promise.resolve()
    let written = this.#writing.get(batch.id)
    if (written === undefined) {
      written = this.#write(batch).finally(() => this.#writing.delete(batch.id))
      this.#writing.set(batch.id, written)
    }
    return written
  }

  /**
   * Returns the batch of an entry; undefined if its file is gone or damaged, which is logged and counted. Then the
   * entry is removed.
   */
  async read (entry: SpoolEntry): Promise<Batch | undefined> {
    return await this.#read(entry, decodeFile)
  }

  /**
   * Removes a batch that is in the queue. Never rejects: it logs a file that cannot be removed, and this process
   * ignores it from then on.
   */
  async remove (entry: SpoolEntry): Promise<void> {
    if (this.#forget(entry)) this.totals.drained += entry.events
    try {
      await this.#folder.remove(entry.name)
    } catch (error) {
      this.#leftBehind.set(entry.name, 'drained')
      this.#log.error(
        { event: 'spool-left-behind', err: error, file: entry.name },
        'a batch moved from the spool into the queue, but its file could not be removed; the next start repeats it'
      )
    }
  }

  async #write (batch: Batch): Promise<void> {
    try {
      if (!this.#isListed) {
        await this.#list()
        void this.#check()
      }
      const file = encodeFile(batch)
      const entry = newEntry(batch.id, this.#now(), file.length)
      if (this.bytes + entry.bytes > this.maxBytes)
        throw new SpoolError('spool-full', `spool full: ${this.bytes} of ${this.maxBytes} bytes`)
      // Reserve the bytes now, or parallel writes could exceed the bound together.
      this.#reservedBytes += entry.bytes
      try {
        await this.#folder.store(entry.name, file)
      } finally {
        this.#reservedBytes -= entry.bytes
      }
      this.#index.add(entry)
      this.#places.add(batch.id, identitiesOf(batch, batch.events))
    } catch (error) {
      const refusal = this.#record(error)
      if (refusal instanceof SpoolError) this.totals.refused[refusal.code] += batch.events.length
      throw refusal
    }
    this.totals.written += batch.events.length
    this.#trouble.end()
  }

  #record (error: unknown): unknown {
    const refusal = asRefusal(error, this.#folder.path)
    if (!(refusal instanceof SpoolError)) return error
    if (refusal.code === 'spool-unusable') this.#isListed = false
    this.#trouble.begin(refusal)
    return refusal
  }

  #list (): Promise<void> {
    this.#listing ??= this.#readFolder().finally(() => { this.#listing = undefined })
    return this.#listing
  }

  async #readFolder (): Promise<void> {
    await this.#folder.create()
    const known = [...this.#index]
    const names = new Set(await this.#folder.list())
    const listed: SpoolEntry[] = []
    for (const name of names) {
      const entry = parseName(name)
      if (this.#leftBehind.has(name)) await this.#letGo(name)
      else if (entry === undefined) await this.#setAside({ name }, 'its name is not one of a spooled batch')
      else if (!this.#writing.has(entry.batchId) && !this.has(entry.batchId)) listed.push(entry)
    }
    for (const entry of known) if (!names.has(entry.name)) this.#forget(entry)
    const found = await this.#folder.measured(listed)
    const added = found.toSorted(compareEntries).filter((entry) => this.#index.add(entry))
    for (const entry of added.toReversed()) this.#unchecked.push(entry)
    this.#bytesAside = await this.#folder.bytesAside()
    // Check this last: existing batches can leave a folder that is not writable.
    await this.#folder.expectWritable()
    this.#isListed = true
  }

  /** Reads files of other processes, to report damage and learn identities. */
  async #check (): Promise<void> {
    for (let entry = this.#unchecked.pop(); entry !== undefined; entry = this.#unchecked.pop()) {
      // A file that could not be read for a temporary reason is read again when its turn comes.
      const identities = await this.#read(entry, decodeIdentities).catch(() => undefined)
      if (identities !== undefined && this.has(entry.batchId)) this.#places.add(entry.batchId, identities)
    }
  }

  async #read <Content>(entry: SpoolEntry, decode: Decode<Content>): Promise<Content | undefined> {
    const found = await readEntry(this.#folder, entry, decode)
    if ('content' in found) return found.content
    if ('damage' in found) await this.#setAside(entry, found.damage)
    else this.#forget(entry)
    return undefined
  }

  async #setAside (file: Pick<SpoolEntry, 'name'> & Partial<SpoolEntry>, reason: string): Promise<void> {
    const { name, batchId, priority, events = 0, bytes = 0 } = file
    // The check and the drain may both meet it.
    if (batchId !== undefined && !this.#forget(file as SpoolEntry)) return
    this.totals.damaged += events
    this.#log.error(
      { event: 'spool-damaged', file: name, batch: batchId, priority, events, reason },
      'a file of the spool cannot be read; it is kept in the folder damaged'
    )
    try {
      await this.#folder.setAside(name)
      this.#bytesAside += bytes
    } catch {
      // The file stays in its place, and this process ignores it.
      this.#leftBehind.set(name, 'damaged')
    }
  }

  async #letGo (name: string): Promise<void> {
    try {
      if (this.#leftBehind.get(name) === 'damaged') await this.#folder.setAside(name)
      else await this.#folder.remove(name)
      this.#leftBehind.delete(name)
    } catch {
      // The first failure was logged.
    }
  }

  #forget (entry: SpoolEntry): boolean {
    this.#places.delete(entry.batchId)
    return this.#index.delete(entry)
  }
}
