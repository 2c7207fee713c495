import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cell, CellResult } from './cell.ts'

/** The results of cells in a folder, one file each, so that a run that was interrupted goes on where it was. */
export class Results {
  readonly #folder: string

  constructor (folder: string) {
    this.#folder = folder
  }

  /** Returns the result of a cell; undefined if there is none, or if it is of a cell that has changed since. */
  async find (cell: Cell): Promise<CellResult | undefined> {
    let text
    try {
      text = await readFile(this.#pathOf(cell), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    const found = JSON.parse(text) as CellResult
    return JSON.stringify(found.cell) === JSON.stringify(cell) ? found : undefined
  }

  /** Writes a result. A file is whole or not there. */
  async keep (result: CellResult): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const path = this.#pathOf(result.cell)
    await writeFile(`${path}.part`, `${JSON.stringify(result, null, 2)}\n`)
    await rename(`${path}.part`, path)
  }

  async write (name: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    await writeFile(join(this.#folder, name), text)
  }

  #pathOf ({ question, scenario, variant }: Cell): string {
    return join(this.#folder, `${question}.${scenario}.${variant}.json`)
  }
}
