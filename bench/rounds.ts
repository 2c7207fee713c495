import { measureCase } from './measure-case.ts'
import { medianSample } from './median.ts'
import type { Options } from './options.ts'
import { compare } from './ratio.ts'
import type { Sample, ScenarioResult } from './result.ts'
import type { Case, Scenario } from './scenario.ts'

/** Called with each new sample. */
export type OnSample = (round: number, subject: string, sample: Sample) => void

/**
 * Runs a scenario. In each round all cases run back to back, and each round begins with another case: other load of the
 * machine then affects both sides of a ratio, and no case always runs first.
 *
 * @param hasTimeFor called before each round except the first, numbered from 0
 */
export async function runScenario (
  name: string,
  scenario: Scenario,
  { rounds, isQuick, ...times }: Pick<Options, 'rounds' | 'seconds' | 'warmUpSeconds' | 'isQuick'>,
  onSample: OnSample,
  hasTimeFor: (round: number) => boolean = () => true
): Promise<ScenarioResult> {
  const chosen = Object.entries(scenario.cases).filter(([caseName]) =>
    !isQuick || scenario.quick?.includes(caseName) !== false
  )
  const notes = [...scenario.notes ?? []]
  const able = chosen.filter(([caseName, { subject }]) => {
    const obstacle = subject.obstacle?.()
    if (obstacle !== undefined) notes.push(`${caseName} was left out: ${obstacle}`)
    return obstacle === undefined
  })
  const given = await scenario.prepare?.((candidate: Case) => measureCase(candidate, times, {})) ?? {}
  for (const [what, value] of Object.entries(given)) notes.push(`${what}: ${Math.round(value)}`)
  const samples = new Map<string, Sample[]>(able.map(([caseName]) => [caseName, []]))
  for (let round = 0; round < rounds && (round === 0 || hasTimeFor(round)); round++) {
    for (const [caseName, candidate] of rotated(able, round)) {
      const sample = await measureCase(candidate, times, given)
      samples.get(caseName)?.push(sample)
      onSample(round, caseName, sample)
    }
  }
  const subjects = [...samples].map(([subject, own]) => ({ name: subject, samples: own, median: medianSample(own) }))
  const ratios = scenario.ratios.flatMap((wanted) => compare(wanted, subjects) ?? [])
  const { title, grows } = scenario
  return { name, title, ...(grows !== undefined && { grows }), subjects, ratios, ...(notes.length > 0 && { notes }) }
}

/** Rotates a list by `steps`. */
export function rotated<T> (all: readonly T[], steps: number): T[] {
  const first = all.length === 0 ? 0 : steps % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}
