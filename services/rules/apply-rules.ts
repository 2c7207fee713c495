import type { Logger } from 'pino'
import type { QueuedEvent } from '../event/event.ts'
import { toEventData } from './event-data.ts'
import { DONE, interrupted, type Outcome } from '../event/outcome.ts'
import type { Rule } from './parse-rules.ts'

type Failure = Exclude<Outcome, { status: 'done' }>

export interface RuleRun {
  /** Aborted at a time-out or at shutdown: the steps that are left are for another run. */
  signal: AbortSignal
  log: Logger
}

/**
 * Runs every rule that matches an event, and of these every step that an earlier attempt has not completed.
 *
 * Steps do not depend on each other: a webhook that is down must not hold back an alarm, so one that fails is only noted.
 */
export async function applyRules (rules: readonly Rule[], event: QueuedEvent, { signal, log }: RuleRun): Promise<Outcome> {
  const data = toEventData(event)
  const completed = new Set(event.completedSteps)
  const failures: Failure[] = []

  for (const { id: ruleId, types, matches, steps } of rules) {
    if (types !== undefined && !types.has(event.type)) continue
    const open = steps.filter(({ name }) => !completed.has(name))
    if (open.length === 0) continue
    const condition = await attempt(`${ruleId}: condition failed`, failures, () => matches(data))
    if (condition !== true) continue
    for (const { name, index, run } of open) {
      if (signal.aborted) return summarize([...failures, interrupted(signal)], completed)
      const outcome = await attempt(name, failures, () => run({ event, data, ruleId, index, signal, log }))
      if (outcome?.status === 'done') completed.add(name)
      else if (outcome !== undefined) failures.push({ ...outcome, reason: `${name}: ${outcome.reason}` })
    }
  }
  return summarize(failures, completed)
}

/** Answers undefined, and notes the failure, when the work throws. */
async function attempt<T> (name: string, failures: Failure[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    failures.push({ status: 'retry', reason: `${name}: ${(error as Error).message}` })
    return undefined
  }
}

/** While one step may still succeed the event is retried; it is dead when nothing but refusals for good is left. */
function summarize (failures: readonly Failure[], completed: ReadonlySet<string>): Outcome {
  if (failures.length === 0) return DONE
  const reason = failures.map((failure) => failure.reason).join('; ')
  const retries = failures.filter((failure) => failure.status === 'retry')
  if (retries.length === 0) return { status: 'dead', reason }
  const delays = retries.flatMap(({ delayMs }) => delayMs ?? [])
  return {
    status: 'retry',
    reason,
    ...(delays.length > 0 && { delayMs: Math.max(...delays) }),
    ...(retries.every(({ countsAsAttempt }) => countsAsAttempt === false) && { countsAsAttempt: false }),
    completedSteps: [...completed]
  }
}
