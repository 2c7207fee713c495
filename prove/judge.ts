import { judgeDuplicates, type DuplicateVerdict } from './checks/duplicates.ts'
import { damageProblems, type DamageReport } from './checks/damage.ts'
import { circuitProblems, deadLetterProblems, ledgerProblems, type ListedDeadLetter } from './checks/end-state.ts'
import { orderProblems, showsOrder, type Wait } from './checks/order.ts'
import type { Injected } from './injector.ts'
import { RECOVERY_DEADLINE_MS } from './injector.ts'
import type { Disturbance } from './timeline.ts'
import type { Check } from './violations.ts'
import type { Status } from './watch/status.ts'
import type { World } from './world.ts'

/** The facts at the end of the run. */
export interface EndState {
  readonly injected: readonly Injected[]
  readonly statuses: readonly (Status | undefined)[]
  readonly deadLetters: readonly ListedDeadLetter[] | undefined
  readonly disorders: readonly string[]
  /** The damaged batches in the logs. */
  readonly damageReports: readonly DamageReport[]
  readonly slots: number
  readonly isDrained: boolean
  /** Whether the run ended early because a sabotage was caught: then events in flight are no violation. */
  readonly isBrokenOff: boolean
}

/** The results of a run, besides the violations, which the world collects. */
export interface Judgement {
  readonly duplicates: DuplicateVerdict
  /** The number of phases with a backlog that shows the order of the classes. */
  readonly ordered: number
}

/** The fault under which the order of the classes is checked: only it causes a backlog. */
const BACKLOG_FAULT = 'slow-consumer'
/** Time until there is a backlog. */
const BACKLOG_LEAD_MS = 1_500
const MOST_LOSSES_NAMED = 5

/** Runs the checks that need the end of a run, and records violations. */
export function judge (world: World, end: EndState): Judgement {
  const { checker, calls, timeline, violations } = world
  const note = (check: Check, problems: readonly string[]) => {
    for (const problem of problems) violations.record(check, problem)
  }
  const duplicates = judgeDuplicates(checker.repeats, calls.all, timeline.all, end.slots)
  note(
    'duplicates',
    duplicates.unexplained.map((sequence) =>
      `event ${sequence} came again and no fault explains it: ${
        (checker.repeats.get(sequence) ?? []).map((call) =>
          `${calls.all[call]?.handledAtMs} to ${calls.all[call]?.endedAtMs} ms`
        ).join(', ')
      }`
    )
  )
  note(
    'duplicates',
    [...duplicates.byDisturbance].filter(([, { repeated, most }]) => repeated > most).map((
      [number, { repeated, most }]
    ) => `#${number} ${timeline.all[number - 1]?.fault}: ${repeated} events came again, at most ${most} were in work`)
  )
  note('crashes', end.disorders)
  const backlogs = timeline.all
    .filter(({ fault }) => fault === BACKLOG_FAULT)
    .map((disturbance) => waitsIn(world, disturbance))
  note('order', backlogs.flatMap(orderProblems))
  note(
    'recovery',
    end.injected
      .filter(({ recoveredInMs }) => recoveredInMs === undefined)
      .map(({ number, fault }) => `#${number} ${fault} was not recovered from within ${RECOVERY_DEADLINE_MS} ms`)
  )
  if (end.isBrokenOff) return { duplicates, ordered: 0 }

  const named = checker.losses(MOST_LOSSES_NAMED).map(({ sequence }) => `event ${sequence}`)
  note('lost', Array.from({ length: checker.total().lost }, (_, place) => named[place] ?? 'and more'))
  if (!end.isDrained && checker.missing === 0) violations.record('recovery', 'the queue was not empty in time')
  note('damage', damageProblems(world.account.damages, end.damageReports))
  note('ledger', end.statuses.flatMap((status) => ledgerProblems(status, world.account.counted)))
  note('circuit', circuitProblems(end.statuses.map((status) => status?.circuitState)))
  if (end.deadLetters === undefined) violations.record('dead-letters', 'the dead letters cannot be listed')
  else
    note(
      'dead-letters',
      deadLetterProblems(
        end.deadLetters,
        (sequence) => world.refusedAt(sequence) !== Infinity,
        world.expectedDeadLetters(),
        {
          hasDeadline: (sequence) => world.factsOf(sequence).leftMs !== undefined,
          expired: Math.max(0, Math.min(...end.statuses.map((status) => status?.expired ?? 0)) - checker.expired)
        }
      )
    )
  return { duplicates, ordered: backlogs.filter(showsOrder).length }
}

/** Returns the waits of the events that were acknowledged during a backlog. */
function waitsIn (world: World, { number, beganAtMs, endedAtMs }: Disturbance): Wait[] {
  const { checker, timeline } = world
  const waits: Wait[] = []
  const isStill = timeline.all.every(
    (other) => other.number === number || other.recoveredAtMs < beganAtMs || other.beganAtMs > endedAtMs
  )
  if (!isStill) return waits
  for (let sequence = 0; sequence < checker.posted; sequence++) {
    const acknowledgedAt = checker.acknowledgedAt(sequence)
    if (checker.postedAt(sequence) < beganAtMs + BACKLOG_LEAD_MS || acknowledgedAt > endedAtMs) continue
    if (
      checker.levelOf(sequence) === undefined ||
      checker.levelOf(sequence) === 'spooled' ||
      checker.isLevelVague(sequence) ||
      !checker.isHandled(sequence)
    ) {
      continue
    }
    waits.push({
      priority: world.factsOf(sequence).priority, waitedMs: Math.max(0, checker.arrivedAt(sequence) - acknowledgedAt)
    })
  }
  return waits
}
