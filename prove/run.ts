/*
 * One run, on one clock of milliseconds since its start:
 *
 *   start ─► load ─► gap ─► inject ─► wait ─► end ─► recovered? ─► gap ─► inject ... ─► load ends ─► all has arrived?
 *   ─► judge ─► stop
 *                           └──────── one injection: what is posted here is counted under it ────┘
 *
 * The schedule determines the next injection and its length. The number of injections depends on how fast Spillway
 * recovers. All the time the run also requests receipts and replays dead letters.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { RegistryEntry } from '../services/registry/load-folder.ts'
import { damageProblems } from './checks/damage.ts'
import { ledgerProblems } from './checks/end-state.ts'
import type { Fault } from './fault.ts'
import { Injector, type Injected } from './injector.ts'
import { judge, type Judgement } from './judge.ts'
import { Load, type LoadCounts } from './load/load.ts'
import type { Options } from './options.ts'
import { integer, randomOf, shuffled } from '../rig/random.ts'
import { schedule } from './schedule.ts'
import { CLOCK_TOLERANCE_MS } from './stage/clock.ts'
import type { Rewriting } from '../rig/rewriting.ts'
import { DELIVERY_SECRET, SLOTS, Stage, THRESHOLDS } from './stage/stage.ts'
import type { Check } from './violations.ts'
import { damageReports } from './watch/damage-reports.ts'
import { ReceiptProbe } from './watch/receipt-probe.ts'
import { Replayer } from './watch/replayer.ts'
import { Standstill } from './watch/standstill.ts'
import { readStatus, type Status } from './watch/status.ts'
import { World } from './world.ts'

const MINUTE_MS = 60_000
const WARM_UP_MS = 1_000
/** Time of load after the last fault. */
const QUIET_END_MS = 3_000
const POLL_INTERVAL_MS = 100
const PROGRESS_INTERVAL_MS = 10_000
const RECEIPT_INTERVAL_MS = 25
const SHORTEST_REPLAY_GAP_MS = 4_000
const LONGEST_REPLAY_GAP_MS = 12_000
/** A timer with this delay shows that the machine, and Spillway with it, stood still. */
const STANDSTILL_MS = 300
/** How long the remaining events may need to reach the consumer after the load, replays included. */
const DRAIN_DEADLINE_MS = 120_000
/** Further readings of queue and spools before missing events count as lost. */
const EMPTY_MS = 3_000
/** Ledger and circuit follow each reading of the queue, so they may lag for a moment. */
const SETTLING_DEADLINE_MS = 15_000
/** Time from a recovery until damaged batches are in the log. */
const REPORT_MS = 2_000
/** A sabotaged product gets less time. */
const SABOTAGE_DEADLINE_MS = 8_000
const MOST_RECEIPTS_AT_THE_END = 400

export interface Outcome {
  readonly world: World
  readonly judgement: Judgement
  readonly injected: readonly Injected[]
  /** Faults that could not be injected here, and why. */
  readonly leftOut: ReadonlyMap<string, string>
  readonly load: LoadCounts
  readonly receipts: { readonly asked: number, readonly byStatus: Readonly<Record<string, number>> }
  readonly replayed: number
  readonly isDrained: boolean
  readonly drainedInMs: number
  readonly statuses: readonly (Status | undefined)[]
}

export interface RunSettings {
  readonly options: Options
  readonly faults: readonly RegistryEntry<Fault>[]
  readonly path: string
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** The check that has to catch a sabotaged product: the load ends as soon as it does. */
  readonly sabotage?: { readonly rewriting: Rewriting, readonly expects: Check }
}

/** Runs load and faults for the given time, waits until promised events have arrived, and returns the results. */
export async function run ({ options, faults, path, say, signal, sabotage }: RunSettings): Promise<Outcome> {
  const { seed, rate, appendfsync, isKept, minutes } = options
  const startedAt = performance.now()
  const now = () => Math.round(performance.now() - startedAt)
  const isClockShifted = faults.some(({ name }) => name.startsWith('shift-clock'))
  const world = new World({
    seed,
    secret: DELIVERY_SECRET,
    thresholds: THRESHOLDS,
    now,
    wallClock: () => Date.now(),
    clockToleranceMs: isClockShifted ? CLOCK_TOLERANCE_MS : MINUTE_MS / 6
  })
  const stage = await Stage.start({
    appendfsync, path, redis: options.redis, shards: options.shards, isKept, rewriting: sabotage?.rewriting,
    random: randomOf(seed, 'consumer'),
    witness: world.witness
  })
  const load = new Load({
    urls: stage.urls, rate, seed, random: randomOf(seed, 'load'), onPost: world.post, postedAt: world.postedAt,
    onAnswer: world.answer,
    onUnanswered: (events) => { world.outstanding.recordUncertain(events, now()) },
    onContradiction: (what, sequence) => {
      // Redis may have forgotten the first of two answers.
      if (sequence === undefined || !world.account.isForgettable(sequence)) world.violations.record('answers', what)
    }
  })
  stage.redis.onPromotion = () => {
    world.account.promote()
    line('a replica was promoted')
  }
  const line = (text: string) => { say(`${clock(now())} ${text}`) }
  const receipts = new ReceiptProbe(world, stage.urls, randomOf(seed, 'receipts'))
  const replayer = new Replayer(world, stage.urls, randomOf(seed, 'replays'))
  const injector = new Injector({
    world,
    stage,
    seed,
    flood: (events, bias) => {
      load.flood(events, bias)
    },
    line,
    signal,
    ...(sabotage !== undefined && { recoveryDeadlineMs: SABOTAGE_DEADLINE_MS })
  })
  const standstill = new Standstill(STANDSTILL_MS, now, (fromMs, toMs) => {
    world.timeline.add('(this machine stood still)', fromMs, toMs)
  })
  const timers = [
    setInterval(() => {
      line(`${world.checker.posted} posted, ${world.checker.missing} promised and not yet arrived, ${injector.injected.length} faults`)
    }, PROGRESS_INTERVAL_MS),
    setInterval(() => {
      world.checker.expire(now())
      world.outstanding.record(world.checker.missing + load.inHand, now())
    }, POLL_INTERVAL_MS)
  ]
  const isCaught = () => sabotage !== undefined && world.violations.has(sabotage.expects)
  const over = new AbortController()

  try {
    const byName = usable()
    const endsAt = now() + minutes * MINUTE_MS
    standstill.start()
    load.start()
    const asking = [
      repeatedly(
        () => RECEIPT_INTERVAL_MS, () => receipts.askAny()
      ),
      repeatedly(
        (random) => integer(random, SHORTEST_REPLAY_GAP_MS, LONGEST_REPLAY_GAP_MS),
        () => replayer.replay()
      )
    ]
    await wait(WARM_UP_MS, undefined, { signal })
    for (const injection of schedule([...byName].map(([name, fault]) => ({ ...fault, name })), seed)) {
      if (isCaught() || now() + injection.gapMs + Math.max(...injection.lastsMs) + QUIET_END_MS > endsAt) break
      await wait(injection.gapMs, undefined, { signal })
      await injector.endure(injection, byName)
      if (sabotage?.expects === 'damage') await expectReports()
    }
    while (now() < endsAt && !isCaught()) await wait(POLL_INTERVAL_MS, undefined, { signal })
    await load.stop()
    over.abort()
    await Promise.all(asking)
    line('the load has ended')
    const drainStartedAt = now()
    const isDrained = isCaught() || await drains()
    const drainedInMs = now() - drainStartedAt
    const statuses = await settled()
    if (!isCaught()) await askAtTheEnd()
    standstill.stop()
    const judgement = judge(world, {
      injected: injector.injected,
      statuses,
      deadLetters: isCaught() ? [] : await replayer.list(),
      disorders: stage.disorders,
      damageReports: damageReports(stage.folder),
      slots: SLOTS,
      isDrained,
      isBrokenOff: isCaught()
    })
    return {
      world,
      judgement,
      injected: injector.injected,
      leftOut: injector.leftOut,
      load: load.counts,
      receipts: { asked: receipts.asked, byStatus: receipts.byStatus },
      replayed: replayer.replayed, isDrained, drainedInMs, statuses
    }
  } finally {
    for (const timer of timers) clearInterval(timer)
    standstill.stop()
    over.abort()
    await load.stop()
    await stage.stop()
  }

  function usable (): Map<string, Fault> {
    for (const { name, value } of faults) {
      const obstacle = value.obstacle?.(injector.scene)
      if (obstacle === undefined) continue
      injector.leftOut.set(name, obstacle)
      line(`${name} is left out: ${obstacle}`)
    }
    return new Map(faults.filter(({ name }) => !injector.leftOut.has(name)).map(({ name, value }) => [name, value]))
  }

  /** Repeats a task while the load lasts, never in parallel with itself. */
  async function repeatedly (gapMs: (random: () => number) => number, act: () => Promise<unknown>): Promise<void> {
    const random = randomOf(seed, 'gaps')
    while (!over.signal.aborted) {
      await wait(gapMs(random), undefined, { signal: over.signal }).catch(() => {})
      if (!over.signal.aborted) await act()
    }
  }

  /** Ends the run on a sabotaged product early: the whole path works again, so the damage must be in the log. */
  async function expectReports (): Promise<void> {
    await wait(REPORT_MS, undefined, { signal })
    for (const problem of damageProblems(world.account.damages, damageReports(stage.folder))) {
      world.violations.record('damage', problem)
    }
  }

  /**
   * Resolves with true once no event is missing or in flight; with false if the time runs out, or if everything is
   * empty and an event is missing.
   */
  async function drains (): Promise<boolean> {
    const deadline = now() + (sabotage === undefined ? DRAIN_DEADLINE_MS : 2 * SABOTAGE_DEADLINE_MS)
    let emptySince: number | undefined
    while (now() < deadline && !signal.aborted) {
      const isReplayed = await replayer.replay()
      const read = await Promise.all(stage.urls.map(readStatus))
      const isEmpty = isReplayed && read.every((status) => status?.pending === 0 && (status.spooled ?? 0) === 0)
      if (isEmpty && world.checker.missing === 0) return true
      emptySince = isEmpty ? emptySince ?? now() : undefined
      if (emptySince !== undefined && now() - emptySince > EMPTY_MS) {
        world.account.forget()
        return world.checker.missing === 0
      }
      await wait(POLL_INTERVAL_MS, undefined, { signal })
    }
    return false
  }

  async function settled (): Promise<(Status | undefined)[]> {
    const deadline = now() + (isCaught() ? 0 : sabotage === undefined ? SETTLING_DEADLINE_MS : SABOTAGE_DEADLINE_MS)
    for (;;) {
      const { counted } = world.account
      const read = await Promise.all(stage.urls.map(readStatus))
      const isSettled = read.every(
        (status) => status?.circuitState === 'CLOSED' && ledgerProblems(status, counted).length === 0
      )
      if (isSettled || now() > deadline || signal.aborted) return read
      await wait(POLL_INTERVAL_MS, undefined, { signal })
    }
  }

  /** Checks receipts at the end, when only final ones can be true, above all of dead letters and expired events. */
  async function askAtTheEnd (): Promise<void> {
    const random = randomOf(seed, 'last receipts')
    const { posted } = world.checker
    const chosen = [
      ...world.expectedDeadLetters(),
      ...shuffled(random, world.checker.expiredEvents()).slice(0, MOST_RECEIPTS_AT_THE_END / 2),
      ...Array.from({ length: Math.min(posted, MOST_RECEIPTS_AT_THE_END) }, () => integer(random, 0, posted - 1))
    ]
    for (const sequence of chosen.slice(0, MOST_RECEIPTS_AT_THE_END)) await receipts.ask(sequence, true)
  }
}

function clock (ms: number): string {
  const whole = Math.floor(ms / 1_000)
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}
