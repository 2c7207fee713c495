import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { encodeBatch } from '../../services/spool/spool-file.ts'
import { Collector } from './collector.ts'
import { readEach, type StoreKind } from './store.ts'

export type JournalMode = 'wal' | 'delete'

/** What a row needs beside the encoded batch. */
export interface Row {
  readonly id: string
  readonly priority: number
  readonly content: Uint8Array
}

/** A database with one table of batches. A commit is on the disk when it returns. */
export class SqliteBatches {
  readonly database: DatabaseSync
  readonly #insert: StatementSync

  constructor (dir: string, mode: JournalMode) {
    this.database = new DatabaseSync(join(dir, 'spool.sqlite'))
    this.database.exec(`PRAGMA journal_mode = ${mode}; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS batches (position INTEGER PRIMARY KEY, id TEXT UNIQUE, priority INTEGER, content BLOB) STRICT;
      CREATE INDEX IF NOT EXISTS by_order ON batches (priority, position)`)
    this.#insert = this.database.prepare('INSERT INTO batches (id, priority, content) VALUES (?, ?, ?)')
  }

  commit (rows: readonly Row[]): void {
    this.database.exec('BEGIN IMMEDIATE')
    for (const { id, priority, content } of rows) this.#insert.run(id, priority, content)
    this.database.exec('COMMIT')
  }
}

/** node:sqlite on the main thread. */
export const sqlite = (mode: JournalMode): StoreKind => ({
  name: `node:sqlite, ${mode}, main thread`,
  async start (dir) {
    const batches = new SqliteBatches(dir, mode)
    const collector = new Collector<Row>(async (rows) => batches.commit(rows))
    return {
      write: (batch) => collector.add({ id: batch.id, priority: batch.priority, content: encodeBatch(batch) }),
      close: async () => batches.database.close()
    }
  },
  read: async (dir, ids) => readDatabase(dir, mode, ids)
})

/** node:sqlite in a worker thread, which gets a group of batches at a time. */
export const sqliteThread = (mode: JournalMode): StoreKind => ({
  name: `node:sqlite, ${mode}, worker thread`,
  async start (dir) {
    const thread = new Worker(new URL('sqlite-thread.ts', import.meta.url), { workerData: { dir, mode } })
    let committed = Promise.withResolvers<void>()
    thread.on('message', () => committed.resolve())
    thread.on('error', (error) => committed.reject(error))
    await committed.promise
    const collector = new Collector<Row>((rows) => {
      committed = Promise.withResolvers<void>()
      thread.postMessage(rows, [])
      return committed.promise
    })
    return {
      write: (batch) => collector.add({ id: batch.id, priority: batch.priority, content: encodeBatch(batch) }),
      close: async () => { await thread.terminate() }
    }
  },
  read: async (dir, ids) => readDatabase(dir, mode, ids)
})

function readDatabase (dir: string, mode: JournalMode, ids: readonly string[]) {
  const { database } = new SqliteBatches(dir, mode)
  const complaints: string[] = []
  const read = database.prepare('SELECT content FROM batches WHERE position = ?')
  // By position, which the table itself is ordered by: a damaged index costs nothing then.
  const findings = readEach(ids, complaints, (id) => (read.get(ids.indexOf(id) + 1) as { content: Uint8Array } | undefined)?.content)
  try {
    const problems = database.prepare('PRAGMA integrity_check').all().map((row) => String(row.integrity_check)).filter((text) => text !== 'ok')
    complaints.push(...problems)
  } catch (error) {
    complaints.push(String(error))
  }
  return findings
}
