import { compareSettings } from './against.ts'
import type { SubjectResult } from './compare.ts'
import { compareSubjects } from './compare-subjects.ts'
import type { RunJobs } from './job.ts'
import { DIMENSIONS } from './measure/who.ts'
import type { Options } from './options.ts'
import { recommend } from './recommendation/recommend.ts'
import type { Registries } from './registries.ts'
import type { ProgressLine } from './report/progress.ts'
import { recommendationText } from './report/recommendation.ts'
import { comparisonTable } from './report/table.ts'
import { whoReport, whoRows } from './report/who.ts'
import type { Threads } from './threads.ts'
import type { Settings } from '../services/settings/settings.ts'
import type { World } from './world/world.ts'

export interface Question {
  readonly options: Options
  readonly world: World
  /** Settings to compare with those of the recording. */
  readonly proposed: Settings | undefined
  readonly registries: Registries
  readonly threads: Threads
  readonly progress: ProgressLine
}

export interface Answer {
  readonly subjects: readonly SubjectResult[]
  /** For the terminal, below the table of the subjects. */
  readonly text: string
  /** Further members of the JSON. */
  readonly members: object
  /** Tables of the page, each with its head first. */
  readonly tables?: readonly (readonly (readonly string[])[])[]
}

/** Runs what the command line asks for: subjects, present against proposed settings, or the search for better ones. */
export async function answerOf (
  { options, world, proposed, registries, threads, progress }: Question
): Promise<Answer> {
  const runJobs: RunJobs = (jobs, doing) =>
    threads.run(jobs.map((job) => ({ world: options.world, job })), progress.of(doing, jobs.length))
  if (proposed !== undefined) {
    const comparison = compareSettings(world, proposed, options.seeds)
    const { subjects, changes, who } = comparison
    const tables = DIMENSIONS.map((dimension) => whoRows(dimension, who[dimension]))
    return { subjects, text: whoReport(comparison), members: { changes, who }, tables }
  }
  if (options.isRecommending) {
    const recommendation = await recommend(options, world, registries, runJobs)
    const { subjects, ...members } = recommendation
    const tables = [[['reason'], ...members.reasons.map((reason) => [reason])]]
    return { subjects, text: recommendationText(recommendation), members: { recommendation: members }, tables }
  }
  const subjects = await compareSubjects(options, registries, runJobs)
  const isCompared = subjects.length > 1 || options.tune > 0
  return { subjects, text: isCompared ? comparisonTable(subjects) : '', members: {} }
}
