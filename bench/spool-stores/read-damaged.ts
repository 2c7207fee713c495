/*
 * Opens a damaged store and says on its standard output what came of it. A process of its own, since a store may take its
 * process down.
 */
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { storeKinds } from './kinds.ts'

/** What a damaged store gave back. */
export interface Verdict {
  readonly complaints: number
  /** Batches that came back as they were written. */
  readonly kept: number
  /** Batches that came back otherwise, and the store did not mind. */
  readonly wrong: number
}

if (import.meta.main) {
  const [name, dir, expectedFile] = process.argv.slice(2) as [string, string, string]
  const expected = new Map<string, number>(Object.entries(JSON.parse(readFileSync(expectedFile, 'utf8'))))
  const kind = (await storeKinds()).find((candidate) => candidate.name === name)
  if (kind === undefined) throw new Error(`no store ${name}`)
  const { complaints, found } = await kind.read(dir, [...expected.keys()])
  const kept = [...found].filter(([id, content]) => expected.get(id) === crc32(content)).length
  const verdict: Verdict = { complaints: complaints.length, kept, wrong: found.size - kept }
  process.stdout.write(JSON.stringify(verdict), () => process.exit(0))
}
