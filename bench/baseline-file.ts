import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Baseline } from './report/baseline.ts'
import type { Scenario } from './scenario.ts'

const FILE = new URL('baseline.json', import.meta.url)

/** The ratios in bench/baseline.json. */
export function readBaseline (): Baseline {
  return (JSON.parse(readFileSync(FILE, 'utf8')) as { ratios: Baseline }).ratios
}

/** Writes the ratios with the flags of their run. */
export async function writeBaseline (ratios: Baseline, flags: readonly string[]): Promise<void> {
  await writeFile(FILE, `${JSON.stringify({ command: `npm run bench -- ${flags.join(' ')}`, ratios }, undefined, 2)}\n`)
}

/** Returns the ratios of a baseline that a quick run also measures. A quick run skips cases on purpose. */
export function quickPart (baseline: Baseline, scenarios: Readonly<Record<string, Scenario>>): Baseline {
  return Object.fromEntries(Object.entries(baseline).map(([name, known]) => {
    const { ratios = [], quick = [] } = scenarios[name] ?? {}
    const left =
      new Set(ratios.filter(({ of, to }) =>
        [of, to].some((subject) => subject !== undefined && !quick.includes(subject))
      ).map(({ what }) => what))
    return [name, Object.fromEntries(Object.entries(known).filter(([what]) => !left.has(what)))]
  }))
}
