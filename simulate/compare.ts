import { intervalOf, meanOf, type Interval } from './measure/mean.ts'
import type { Figures } from './measure/figures.ts'

/** The figures of one subject: means over the seeds, and how sure they are. */
export interface SubjectResult extends Figures {
  readonly name: string
  /** 95 % confidence over the seeds. */
  readonly intervals: { readonly goodput: Interval, readonly worth: Interval }
  /** Goodput that foresight has more on the same seeds; absent unless foresight ran. */
  readonly regret?: Interval
  /** Worth and goodput beyond those of the first subject on the same seeds; absent for the first. */
  readonly gain?: { readonly goodput: Interval, readonly worth: Interval }
  /** Values of its parameters. */
  readonly parameters: Readonly<Record<string, number>>
}

export interface SubjectRuns {
  readonly name: string
  readonly parameters: Readonly<Record<string, number>>
  /** One for each seed. */
  readonly runs: readonly Figures[]
}

type Judged = 'goodput' | 'worth'

const intervalIn = (runs: readonly Figures[], key: Judged) => intervalOf(runs.map((run) => run[key]))
const difference = (more: readonly Figures[], less: readonly Figures[], key: Judged) =>
  intervalOf(more.map((run, seed) => run[key] - less[seed]![key]))

/** Compares runs seed by seed: events are the same in all of them, so differences say more than the figures do. */
export function compare (subjects: readonly SubjectRuns[]): SubjectResult[] {
  const foresight = subjects.find(({ name }) => name === 'foresight')?.runs
  const first = subjects[0]?.runs ?? []
  return subjects.map(({ name, parameters, runs }) => ({
    name,
    ...meanOf(runs),
    intervals: { goodput: intervalIn(runs, 'goodput'), worth: intervalIn(runs, 'worth') },
    ...(foresight && { regret: difference(foresight, runs, 'goodput') }),
    ...(runs !== first && {
      gain: { goodput: difference(runs, first, 'goodput'), worth: difference(runs, first, 'worth') }
    }),
    parameters
  }))
}
