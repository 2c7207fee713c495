import { median } from './median.ts'
import type { Bar, RatioKind, RatioResult, SubjectResult } from './result.ts'

/** A comparison that a scenario defines. */
export interface WantedRatio {
  readonly what: string
  readonly of: string
  readonly to?: string
  readonly metric: string
  readonly kind?: RatioKind
  readonly bar?: Bar
}

/** Makes a comparison from the samples of each round; undefined if a subject was not measured. */
export function compare (
  { what, of, to = '', metric, kind = 'quotient', bar }: WantedRatio,
  subjects: readonly SubjectResult[]
): RatioResult | undefined {
  const samplesOf = (name: string) => subjects.find((subject) => subject.name === name)?.samples ?? []
  const below = samplesOf(to)
  const perRound = samplesOf(of).flatMap((sample, round) => {
    const value = figure(kind, sample[metric], below[round]?.[metric])
    return value === undefined ? [] : [value]
  })
  if (perRound.length === 0) return undefined
  const value = median(perRound)
  return {
    what,
    of,
    to,
    metric,
    kind,
    value,
    perRound,
    ...(bar !== undefined && { bar, isReached: isWithin(value, bar) })
  }
}

/** Whether a value meets its bar. */
export function isWithin (value: number, { atLeast = -Infinity, atMost = Infinity }: Bar): boolean {
  return value >= atLeast && value <= atMost
}

function figure (kind: RatioKind, above: number | undefined, below: number | undefined): number | undefined {
  if (above === undefined || kind === 'value') return above
  if (below === undefined) return undefined
  return kind === 'quotient' ? above / below : above - below
}
