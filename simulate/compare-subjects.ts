import { compare, type SubjectResult, type SubjectRuns } from './compare.ts'
import { REFERENCE, type Job } from './job.ts'
import type { Options } from './options.ts'
import type { Registries } from './registries.ts'
import type { ProgressLine } from './report/progress.ts'
import { runJobs } from './threads.ts'
import { configurations, JUDGED_PART, tuningJobs } from './tune.ts'

/** The part of the world in which subjects are judged. */
export function judgedPart ({ tune }: Options): { readonly from: number, readonly to: number } {
  return tune > 0 ? JUDGED_PART : { from: 0, to: 1 }
}

/** Runs subjects in one world, each with as many seeds, after a search for their parameters if that was asked for. */
export async function compareSubjects (
  options: Options, registries: Registries, progress: ProgressLine
): Promise<SubjectResult[]> {
  const { tune, seeds } = options
  const subjects = options.subjects.map((name) => ({ name, module: registries.subjects.get(name)! }))
  const tuned = new Map<string, Readonly<Record<string, number>>>()
  if (tune > 0) {
    const jobs = subjects.filter(({ module }) => module.parameters !== undefined)
      .flatMap(({ name, module }) => tuningJobs(name, module, tune))
    const figures = await runJobs(options.world, jobs, progress.of('tunes', jobs.length))
    const best = new Map<string, number>()
    for (const [index, { subject, parameters }] of jobs.entries()) {
      const { worth } = figures[index]!
      if (worth <= (best.get(subject) ?? -1)) continue
      best.set(subject, worth)
      tuned.set(subject, parameters)
    }
  }
  const jobs: Job[] = subjects.flatMap(({ name, module }) => {
    const parameters = tuned.get(name) ?? configurations(name, module, 1)[0]!
    return Array.from({ length: seeds }, (_, index) => ({
      subject: name, seed: index + 1, parameters, reference: tuned.get(REFERENCE), ...judgedPart(options)
    }))
  })
  const figures = await runJobs(options.world, jobs, progress.of('runs', jobs.length))
  return compare(subjects.map(({ name }): SubjectRuns => {
    const indexes = [...jobs.keys()].filter((index) => jobs[index]!.subject === name)
    return { name, parameters: jobs[indexes[0]!]!.parameters, runs: indexes.map((index) => figures[index]!) }
  }))
}
