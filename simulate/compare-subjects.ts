import { compare, type SubjectResult } from './compare.ts'
import { REFERENCE, type Job, type RunJobs } from './job.ts'
import type { Options } from './options.ts'
import type { Registries } from './registries.ts'
import { bestOf, configurations, JUDGED_PART, TUNED_PART, tuningJobs, WHOLE, type Part } from './tune.ts'

/** The part of the world in which subjects are judged. */
export function judgedPart ({ tune }: Options): Part {
  return tune > 0 ? JUDGED_PART : WHOLE
}

/** Runs subjects in one world, each with as many seeds, after a search for their parameters if that was asked for. */
export async function compareSubjects (
  options: Options, registries: Registries, runJobs: RunJobs
): Promise<SubjectResult[]> {
  const { tune, seeds } = options
  const subjects = options.subjects.map((name) => ({ name, module: registries.subjects.get(name)! }))
  const tuned = new Map<string, Job['parameters']>()
  for (const { name, module } of tune > 0 ? subjects : []) {
    if (module.parameters === undefined) continue
    const jobs = tuningJobs(name, module, tune, TUNED_PART)
    tuned.set(name, bestOf(jobs, await runJobs(jobs, 'tunes')))
  }
  const jobs: Job[] = subjects.flatMap(({ name, module }) => {
    const parameters = tuned.get(name) ?? configurations(name, module, 1)[0]!
    return Array.from({ length: seeds }, (_, index) => ({
      subject: name, seed: index + 1, parameters, reference: tuned.get(REFERENCE), ...judgedPart(options)
    }))
  })
  const figures = await runJobs(jobs, 'runs')
  return compare(subjects.map(({ name }, index) => ({
    name, parameters: jobs[index * seeds]!.parameters, runs: figures.slice(index * seeds, (index + 1) * seeds)
  })))
}
