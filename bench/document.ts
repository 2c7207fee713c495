import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { growthPlots } from './report/growth.ts'
import { PLOT_FOLDER, withFigures } from './report/markdown.ts'
import type { BenchResult } from './result.ts'

/** The document that shows what was measured. */
export const PERFORMANCE_DOCUMENT = new URL('../docs/PERFORMANCE.md', import.meta.url)

/** Puts the tables of this run into the document, and its plots beside it. */
export async function writeDocument (result: BenchResult): Promise<void> {
  const folder = new URL(`${PLOT_FOLDER}/`, PERFORMANCE_DOCUMENT)
  for (const [file, svg] of result.scenarios.flatMap((scenario) => [...growthPlots(scenario)])) {
    await mkdir(folder, { recursive: true })
    await writeFile(new URL(file, folder), svg)
  }
  await writeFile(PERFORMANCE_DOCUMENT, withFigures(await readFile(PERFORMANCE_DOCUMENT, 'utf8'), result))
}
