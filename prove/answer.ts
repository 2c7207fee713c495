import { LEVELS, type Level } from './oracle.ts'
import type { LoadRequest } from './request.ts'

/** An event of a request that was promised to be handled. */
export interface Obligation {
  readonly index: number
  readonly level: Level
}

/** What an answer promises. */
export interface Promised {
  readonly obligations: readonly Obligation[]
  /** Set when the answer does not agree with itself or with the request. */
  readonly contradiction?: string
}

interface BatchAnswer {
  accepted?: number
  duplicate?: number
  results?: { index: number, status: string, durability?: Level }[]
  durability?: Partial<Record<Level, number>>
  resultsTruncated?: boolean
  stoppedAfterLine?: number
}

const NOTHING: Promised = Object.freeze({ obligations: Object.freeze([]) })
const STORED = new Set(['accepted', 'duplicate'])

/** Reads off an answer which events it promises. Only 202, and 207 for some of a batch, promise anything. */
export function readAnswer (request: Pick<LoadRequest, 'form' | 'priorities' | 'level'>, status: number, body: unknown): Promised {
  const isObject = typeof body === 'object' && body !== null
  if (status !== 202 && (status !== 207 || request.form === 'single')) return NOTHING
  if (!isObject) return { ...NOTHING, contradiction: `${status} without a body` }
  if (request.form === 'single') return readSingle(body as { status?: string, durability?: Level })
  const answer = body as BatchAnswer
  const obligations = request.form === 'array' ? readArray(answer) : readStream(answer, request)
  const { accepted = 0, duplicate = 0 } = answer
  if (accepted + duplicate === obligations.length) return { obligations }
  return { obligations, contradiction: `${status} counts ${accepted} accepted and ${duplicate} duplicate, its results say ${obligations.length}` }
}

function readSingle ({ status, durability }: { status?: string, durability?: Level }): Promised {
  const obligations = [{ index: 0, level: levelOf(durability) }]
  return STORED.has(status ?? '') ? { obligations } : { obligations, contradiction: `202 with the status ${status}` }
}

function readArray ({ results = [] }: BatchAnswer): Obligation[] {
  return results.filter(({ status }) => STORED.has(status)).map(({ index, durability }) => ({ index, level: levelOf(durability) }))
}

/** Of a stream only what was not taken is listed; where the list is cut short nobody can tell, so nothing is promised. */
function readStream ({ results = [], durability, duplicate = 0, resultsTruncated = false, stoppedAfterLine }: BatchAnswer, { priorities, level: asked }: Pick<LoadRequest, 'priorities' | 'level'>): Obligation[] {
  if (resultsTruncated) return []
  const refused = new Set(results.map(({ index }) => index))
  // The lines do not say which level is whose, so all get the weakest that is named.
  const level = duplicate > 0 ? 'queued' : LEVELS.find((name) => (durability?.[name] ?? 0) > 0) ?? asked
  const end = stoppedAfterLine ?? priorities.length
  return priorities.slice(0, end).flatMap((_, index) => refused.has(index) ? [] : [{ index, level }])
}

function levelOf (named: Level | undefined): Level {
  return named !== undefined && LEVELS.includes(named) ? named : 'queued'
}
