/*
 * Critical events that the queue cannot take wait here, on the local disk, a file per batch:
 *
 *   write   temporary file ─► fsync ─► rename ─► fsync of the folder ─► resolved: may be answered 202
 *   leave   read ─► into the queue, confirmed ─► removed
 *
 * A kill at any point leaves a batch complete or not at all; between the last two steps it leaves a batch that is in both, which
 * the queue knows by its id. Rather than to lie the spool refuses: a batch that it took is on the disk, and one that it
 * refused is not, unless the disk failed between the two and would not let it be removed either.
 *
 * The folder is the truth and this object an index of it. Several processes may use one folder: each sees the files of the
 * others when it opens it, again too. The bound is that of each for what it knows of.
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
  /** Milliseconds of the epoch. */
  now: () => number
  log: Logger
}

/** Counts of events since the start. */
export interface SpoolTotals {
  written: number
  drained: number
  damaged: number
  readonly refused: Record<SpoolRefusal, number>
}

/** Files that are read side by side when the folder is opened. */
const READERS = 8

/** The durable store on the local disk for what the queue cannot take. */
export class Spool {
  readonly totals: SpoolTotals = { written: 0, drained: 0, damaged: 0, refused: { 'spool-full': 0, 'spool-unusable': 0 } }
  readonly maxBytes: number
  readonly #now: () => number
  readonly #log: Logger
  readonly #folder: SpoolFolder
  readonly #index = new SpoolIndex()
  readonly #places = new KeyPlaces()
  readonly #trouble: SpoolTrouble
  readonly #writing = new Map<string, Promise<void>>()
  readonly #unchecked: SpoolEntry[] = []
  /** Files that have left the spool, those in the queue and those that are damaged, but that the disk would not let go. */
  readonly #leftBehind = new Map<string, 'drained' | 'damaged'>()
  #reservedBytes = 0
  #bytesAside = 0
  #isListed = false
  #listing: Promise<void> | undefined

  constructor ({ dir, maxBytes, now, log }: SpoolOptions) {
    this.maxBytes = maxBytes
    this.#now = now
    this.#log = log
    this.#folder = new SpoolFolder(dir)
    this.#trouble = new SpoolTrouble(now, log)
  }

  get batches (): number { return this.#index.size }
  /** Bytes of the disk, in whole blocks, with files being written and damaged ones that are kept. */
  get bytes (): number { return this.#index.bytes + this.#reservedBytes + this.#bytesAside }
  /** Slot 0 is unused. */
  get eventsByPriority (): number[] { return this.#index.eventsByPriority }
  /** False when it is full, and for a moment after the disk refused. */
  get canWrite (): boolean { return this.bytes + BLOCK_BYTES <= this.maxBytes && !this.#trouble.isResting }

  has (batchId: string): boolean { return this.#index.has(batchId) }

  /** The spooled event with this key. */
  remembered (key: string): Remembered | undefined { return this.#places.eventOf(key) }

  /** The secret that proves the ids of a spooled batch that name their places. */
  secretOf (batchId: string): string | undefined { return this.#places.secretOf(batchId) }

  /** All batches in the order in which they leave: the best priority first, and of that the oldest. */
  entries (): Iterable<SpoolEntry> { return this.#index }

  /**
   * Reads the folder and each new file, so damage shows at once. Never rejects: a folder that cannot be used is logged,
   * and every write tries again. Called again, it sees the changes of other processes.
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

  /** Resolves once the batch is on the disk. Rejects with a SpoolError when it is not. */
  write (batch: Batch): Promise<void> {
    if (this.has(batch.id)) return Promise.resolve()
    let written = this.#writing.get(batch.id)
    if (written === undefined) {
      written = this.#write(batch).finally(() => this.#writing.delete(batch.id))
      this.#writing.set(batch.id, written)
    }
    return written
  }

  /** The batch of an entry; undefined when it is damaged, which is logged and counted, or gone. The entry is no longer there then. */
  async read (entry: SpoolEntry): Promise<Batch | undefined> {
    return await this.#read(entry, decodeFile)
  }

  /** Takes a batch out that is in the queue. Never rejects: a file that cannot be removed is logged and not offered again by this process. */
  async remove (entry: SpoolEntry): Promise<void> {
    if (this.#forget(entry)) this.totals.drained += entry.events
    try {
      await this.#folder.remove(entry.name)
    } catch (error) {
      this.#leftBehind.set(entry.name, 'drained')
      this.#log.error({ event: 'spool-left-behind', err: error, file: entry.name }, 'a batch went from the spool into the queue but its file stays; the next start repeats it')
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
      if (this.bytes + entry.bytes > this.maxBytes) throw new SpoolError('spool-full', `spool full: ${this.bytes} of ${this.maxBytes} bytes`)
      // Counted from here on, or writes that run side by side would pass the bound together.
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
      else if (entry === undefined) await this.#setAside({ name }, 'its name is none of ours')
      else if (!this.#writing.has(entry.batchId) && !this.has(entry.batchId)) listed.push(entry)
    }
    for (const entry of known) if (!names.has(entry.name)) this.#forget(entry)
    const found = await this.#folder.measured(listed)
    const added = found.toSorted(compareEntries).filter((entry) => this.#index.add(entry))
    for (const entry of added.toReversed()) this.#unchecked.push(entry)
    this.#bytesAside = await this.#folder.bytesAside()
    // Only now: what is there already can leave a folder that takes nothing.
    await this.#folder.expectWritable()
    this.#isListed = true
  }

  /** Reads files of other processes, to report damage and learn identities. */
  async #check (): Promise<void> {
    for (let entry = this.#unchecked.pop(); entry !== undefined; entry = this.#unchecked.pop()) {
      // A file that could not be read for a passing reason is read again when its turn comes.
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
    // The check and the drain may both find it.
    if (batchId !== undefined && !this.#forget(file as SpoolEntry)) return
    this.totals.damaged += events
    this.#log.error({ event: 'spool-damaged', file: name, batch: batchId, priority, events, reason }, 'a file of the spool cannot be read; it is kept in the folder damaged')
    try {
      await this.#folder.setAside(name)
      this.#bytesAside += bytes
    } catch {
      // It stays where it is, and this process does not look at it again.
      this.#leftBehind.set(name, 'damaged')
    }
  }

  async #letGo (name: string): Promise<void> {
    try {
      if (this.#leftBehind.get(name) === 'damaged') await this.#folder.setAside(name)
      else await this.#folder.remove(name)
      this.#leftBehind.delete(name)
    } catch {
      // It was logged when it happened first.
    }
  }

  #forget (entry: SpoolEntry): boolean {
    this.#places.delete(entry.batchId)
    return this.#index.delete(entry)
  }
}
