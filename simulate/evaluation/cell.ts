/*
 * A cell of a question: one scenario in one variant. All contestants are tuned with the same budget, then judged on
 * arrivals that they were not tuned on: the last third of a trace after its first, or other seeds of a pattern, whose
 * thirds differ by design.
 */
import { join } from 'node:path'
import { compare, type SubjectResult } from '../compare.ts'
import { REFERENCE, type Job } from '../job.ts'
import { parseOptions, type KnownNames, type WorldOptions } from '../options.ts'
import { namesOf, type Registries } from '../registries.ts'
import type { Task, Threads } from '../threads.ts'
import { bestOf, configurations, JUDGED_PART, TUNED_PART, tuningJobs, WHOLE } from '../tune.ts'
import { nameOf, type Contestant } from './question.ts'

/** Plain data that determines the result. */
export interface Cell {
  readonly question: string
  readonly scenario: string
  readonly variant: string
  readonly title: string
  readonly trace?: string | undefined
  readonly flags: readonly string[]
  readonly contestants: readonly Contestant[]
  readonly seeds: number
  readonly tune: number
}

export interface CellResult {
  readonly cell: Cell
  readonly results: readonly SubjectResult[]
}

export type CellProgress = (doing: string, jobs: number) => (job: Job, share: number, ended: number) => void

/** @throws OptionError if a flag of the cell is wrong */
export async function runCell (
  cell: Cell, traces: string, registries: Registries, threads: Threads, progress: CellProgress
): Promise<CellResult> {
  const { contestants, seeds, tune, trace } = cell
  const known = namesOf(registries)
  const world = worldOf(cell, traces, known)
  const parts = trace !== undefined && tune > 0
    ? { tuned: TUNED_PART, judged: JUDGED_PART }
    : { tuned: WHOLE, judged: WHOLE }
  const run = (tasks: readonly Task[], doing: string) => threads.run(tasks, progress(doing, tasks.length))

  const tuned = new Map<string, Job['parameters']>()
  for (const contestant of contestants) {
    const module = registries.subjects.get(contestant.subject)!
    const name = nameOf(contestant)
    if (tune === 0 || module.parameters === undefined) {
      tuned.set(name, configurations(contestant.subject, module, 1)[0]!)
      continue
    }
    const jobs = tuningJobs(contestant.subject, module, tune, parts.tuned)
    const tunedWorld = worldOf(cell, traces, known, contestant.tunedWith)
    tuned.set(name, bestOf(jobs, await run(jobs.map((job) => ({ world: tunedWorld, job })), `tunes ${name}`)))
  }

  const tasks = contestants.flatMap((contestant) => Array.from({ length: seeds }, (_, index): Task => ({
    world,
    job: {
      subject: contestant.subject,
      seed: index + 1,
      parameters: tuned.get(nameOf(contestant))!,
      reference: tuned.get(REFERENCE),
      ...parts.judged
    }
  })))
  const figures = await run(tasks, 'judges')
  const runs = contestants.map((contestant, index) => ({
    name: nameOf(contestant),
    parameters: tuned.get(nameOf(contestant))!,
    runs: figures.slice(index * seeds, (index + 1) * seeds)
  }))
  return { cell, results: compare(runs) }
}

/** The last one of a flag that is given twice counts. */
function worldOf (
  { trace, flags }: Cell, traces: string, known: KnownNames, more: readonly string[] = []
): WorldOptions {
  const source = trace === undefined ? [] : ['--trace', join(traces, trace)]
  return parseOptions([...source, ...flags, ...more], known).world
}
