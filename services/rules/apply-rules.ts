import type { Logger } from 'pino'
import type { QueuedEvent } from '../event/event.ts'
import type { Occasion } from './action.ts'
import { toEventData, type EventData } from './event-data.ts'
import { DONE, EXPIRED, interrupted, type Outcome } from '../event/outcome.ts'
import type { Rule, Step } from './parse-rules.ts'

type Failure = Extract<Outcome, { status: 'retry' | 'dead' }>

export interface RuleRun {
  /** Aborted at a time-out or at shutdown: another run does the remaining steps. */
  readonly signal: AbortSignal
  readonly log: Logger
  /** Whether its deadline has passed: no further step begins. */
  readonly hasExpired: (event: QueuedEvent) => boolean
}

/**
 * Runs every step of every matching rule that no earlier attempt completed. A failed step does not stop the others: a
 * webhook that is down must not hold back an alarm. An event that matches nothing takes one turn, however many rules
 * there are.
 */
export async function applyRules (rules: readonly Rule[], event: QueuedEvent, run: RuleRun): Promise<Outcome> {
  const data = toEventData(event)
  const completed = new Set(event.completedSteps)
  const failures: Failure[] = []

  for (const rule of rules) {
    if (rule.types !== undefined && !rule.types.has(event.type)) continue
    const open = openSteps(rule, completed)
    if (open.length === 0 || !holds(rule, data, failures)) continue
    for (const { name, index, run: act } of open) {
      // Read only here: creating a signal costs more than a condition.
      const { signal, log, hasExpired } = run
      if (hasExpired(event)) return EXPIRED
      if (signal.aborted) return summarize([...failures, interrupted(signal)], completed)
      const outcome = await attempt(name, act, { event, data, ruleId: rule.id, index, signal, log, hasExpired })
      if (outcome.status === 'expired') return outcome
      if (outcome.status === 'done') completed.add(name)
      else failures.push(outcome)
    }
  }
  return summarize(failures, completed)
}

function openSteps ({ steps }: Rule, completed: ReadonlySet<string>): readonly Step[] {
  return completed.size === 0 ? steps : steps.filter(({ name }) => !completed.has(name))
}

/** Tells whether the condition is true; records a failure if it cannot be computed. */
function holds ({ id, matches }: Rule, data: EventData, failures: Failure[]): boolean {
  try {
    return matches(data)
  } catch (error) {
    const reason = `${id}: condition failed`
    failures.push({ status: 'retry', reason, detail: `${reason}: ${(error as Error).message}` })
    return false
  }
}

/** Returns the outcome of a step with its name. */
async function attempt (name: string, run: Step['run'], occasion: Occasion): Promise<Outcome> {
  try {
    const outcome = await run(occasion)
    if (outcome.status === 'done' || outcome.status === 'expired') return outcome
    return {
      ...outcome,
      reason: `${name}: ${outcome.reason}`,
      ...(outcome.detail !== undefined && { detail: `${name}: ${outcome.detail}` })
    }
  } catch (error) {
    return { status: 'retry', reason: `${name}: failed`, detail: `${name}: ${(error as Error).message}` }
  }
}

/** The event is retried while one step may still succeed; it is dead if all failed steps were refused for good. */
function summarize (failures: readonly Failure[], completed: ReadonlySet<string>): Outcome {
  if (failures.length === 0) return DONE
  const reason = failures.map((failure) => failure.reason).join('; ')
  const detail = failures.some((failure) => failure.detail !== undefined)
    ? { detail: failures.map((failure) => failure.detail ?? failure.reason).join('; ') }
    : {}
  const retries = failures.filter((failure) => failure.status === 'retry')
  if (retries.length === 0) return { status: 'dead', reason, ...detail }
  const delays = retries.flatMap(({ delayMs }) => delayMs ?? [])
  return {
    status: 'retry',
    reason,
    ...detail,
    ...(delays.length > 0 && { delayMs: Math.max(...delays) }),
    ...(retries.every(({ countsAsAttempt }) => countsAsAttempt === false) && { countsAsAttempt: false }),
    completedSteps: [...completed]
  }
}
