import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../rig/find-program.ts'

const FOLDER = 'appendonlydir'
const MANIFEST = 'appendonly.aof.manifest'

/** The append-only file of a Redis, as it is on the disk: the part that Redis appends to. */
export class AppendOnlyFile {
  readonly #folder: string
  readonly #checker = findProgram('redis-check-aof', 'valkey-check-aof')

  /** @param folder of the data of Redis */
  constructor (folder: string) {
    this.#folder = join(folder, FOLDER)
  }

  /** Why it cannot be mended here; undefined if it can. */
  get obstacle (): string | undefined {
    return this.#checker === undefined ? 'there is no redis-check-aof on the PATH' : undefined
  }

  /** Changes when Redis rewrites the file and appends to another part. */
  get path (): string {
    const parts = readFileSync(join(this.#folder, MANIFEST), 'utf8').matchAll(/^file (\S+) .*type i/gm)
    return join(this.#folder, [...parts].at(-1)?.[1] ?? '')
  }

  get bytes (): number { return statSync(this.path).size }

  read (): Buffer { return readFileSync(this.path) }

  truncate (bytes: number): void { truncateSync(this.path, bytes) }

  /** Flips a bit of a byte. */
  flip (place: number, bit: number): void {
    const file = this.read()
    file[place] = (file[place] as number) ^ 1 << bit
    writeFileSync(this.path, file)
  }

  /**
   * Mends the file as the runbook says, with redis-check-aof: it cuts off everything from the first broken command on.
   *
   * @returns the bytes that are left
   * @throws Error if the tool finds nothing wrong
   */
  mend (): number {
    const manifest = join(this.#folder, MANIFEST)
    const run = (...args: string[]) => spawnSync(this.#checker as string, [...args, manifest], { input: 'y\n', encoding: 'utf8' })
    const found = run()
    if (found.status === 0) throw new Error(`redis-check-aof finds nothing wrong: ${found.stdout}`)
    const mended = run('--fix')
    if (mended.status !== 0) throw new Error(`redis-check-aof cannot mend the file: ${mended.stdout}${mended.stderr}`)
    return this.bytes
  }
}
