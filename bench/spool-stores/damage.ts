import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import type { Batch } from '../../services/queue/batch.ts'
import { encodeBatch } from '../../services/spool/spool-file.ts'
import type { Verdict } from './read-damaged.ts'
import type { StoreKind } from './store.ts'

/** A store that does not come to an end has not opened. */
const DEADLINE_MS = 30_000
/** Made anew at each start: what is in them is not kept. */
const SCRATCH = /(-shm|^lock\.mdb)$/

/** What 200 or so single damaged bytes did to a kind of store. */
export interface DamageReport {
  opened: number
  /** Trials in which the process died or hung. */
  crashed: number
  /** Trials in which a batch was missing or wrong. */
  harmed: number
  /** Of these the ones in which the store said nothing. */
  unsaid: number
  /** Batches that came back as written, by trial. */
  kept: number[]
  wrong: number
}

/** Damages one byte of a full store, again and again from the same beginning, and opens it in a process of its own. */
export async function damage (kind: StoreKind, batches: readonly Batch[], trials: number, random: () => number, folder: string): Promise<DamageReport> {
  const full = await mkdtemp(join(folder, 'full-'))
  const image = await mkdtemp(join(folder, 'image-'))
  const store = await kind.start(full)
  for (const batch of batches) await store.write(batch)
  // Before it is closed, as a kill would leave it.
  await cp(full, image, { recursive: true })
  await store.close()
  const expectedFile = join(folder, 'expected.json')
  await writeFile(expectedFile, JSON.stringify(Object.fromEntries(batches.map((batch) => [batch.id, crc32(encodeBatch(batch))]))))

  const report: DamageReport = { opened: 0, crashed: 0, harmed: 0, unsaid: 0, kept: [], wrong: 0 }
  for (let trial = 0; trial < trials; trial++) {
    const dir = join(folder, 'trial')
    await mkdir(dir)
    await cp(image, dir, { recursive: true })
    await flipByte(dir, random)
    const { verdict, complained } = await readInProcess(kind.name, dir, expectedFile)
    await rm(dir, { recursive: true })
    if (verdict === undefined && !complained) report.crashed++
    if (verdict !== undefined) report.opened++
    const kept = verdict?.kept ?? 0
    report.kept.push(kept)
    report.wrong += verdict?.wrong ?? 0
    if (kept === batches.length) continue
    report.harmed++
    if (!complained && verdict?.complaints === 0) report.unsaid++
  }
  return report
}

async function flipByte (dir: string, random: () => number): Promise<void> {
  const names = (await readdir(dir)).filter((name) => !SCRATCH.test(name)).toSorted()
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size))
  let offset = Math.floor(random() * sizes.reduce((total, size) => total + size, 0))
  const hit = sizes.findIndex((size) => {
    if (offset < size) return true
    offset -= size
    return false
  })
  const path = join(dir, names[hit] as string)
  const content = await readFile(path)
  content[offset] = (content[offset] as number) ^ (1 + Math.floor(random() * 255))
  await writeFile(path, content)
}

/** Without a verdict the store either refused to open, which is a complaint, or took its process down. */
async function readInProcess (name: string, dir: string, expectedFile: string): Promise<{ verdict: Verdict | undefined, complained: boolean }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'read-damaged.ts'), name, dir, expectedFile], { stdio: ['ignore', 'pipe', 'ignore'], timeout: DEADLINE_MS, killSignal: 'SIGKILL' })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { verdict: output === '' ? undefined : JSON.parse(output) as Verdict, complained: output === '' && code === 1 }
}
