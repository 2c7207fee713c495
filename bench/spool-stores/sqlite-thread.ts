import { parentPort, workerData } from 'node:worker_threads'
import { SqliteBatches, type JournalMode, type Row } from './sqlite.ts'

const { dir, mode } = workerData as { dir: string, mode: JournalMode }
const batches = new SqliteBatches(dir, mode)
parentPort?.on('message', (rows: Row[]) => {
  batches.commit(rows)
  parentPort?.postMessage('committed', [])
})
parentPort?.postMessage('ready', [])
