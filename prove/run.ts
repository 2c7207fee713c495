/*
 * One run, on one clock of milliseconds since its start:
 *
 *   start ─► load ─► gap ─► inject ─► wait ─► end ─► recovered? ─► gap ─► inject ... ─► load ends ─► all has arrived? ─► stop
 *                           └──────── one injection: what is posted here is counted under it ────┘
 *
 * The schedule says what comes next and for how long; how many injections fit depends on how fast Spillway recovers.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { RegistryEntry } from '../services/registry/load-folder.ts'
import type { Fault } from './fault.ts'
import { Load, type LoadCounts } from './load.ts'
import type { Options } from './options.ts'
import { Oracle } from './oracle.ts'
import { randomOf } from './random.ts'
import { Recovery } from './recovery.ts'
import { isIntact } from './request.ts'
import { schedule, type Injection } from './schedule.ts'
import { Stage } from './stage.ts'
import { readStatus, type Status } from './status.ts'

const MINUTE_MS = 60_000
const WARM_UP_MS = 1_000
/** Load that goes on after the last fault. */
const QUIET_END_MS = 3_000
const POLL_INTERVAL_MS = 20
const PROGRESS_INTERVAL_MS = 10_000
/** How long Spillway may take to be itself again after a fault. */
export const RECOVERY_DEADLINE_MS = 60_000
/** How long the rest may take to reach the consumer after the load has ended. */
const DRAIN_DEADLINE_MS = 90_000
/** Queue and spool are read a few times more before what has not arrived counts as lost. */
const EMPTY_MS = 3_000
/** The ledger is booked with each sample, so it may be off for a moment. */
const BALANCE_DEADLINE_MS = 5_000

/** A fault that was injected. */
export interface Injected {
  /** From 1. */
  readonly number: number
  readonly fault: string
  readonly atMs: number
  readonly lastsMs: number
  /** Undefined when it did not recover within the deadline. */
  readonly recoveredInMs: number | undefined
}

export interface Outcome {
  readonly oracle: Oracle
  readonly injected: readonly Injected[]
  /** Faults that could not be injected here, and why. */
  readonly leftOut: ReadonlyMap<string, string>
  readonly load: LoadCounts
  /** Events that arrived otherwise than they were posted, or never were. */
  readonly strange: number
  /** How often a process ended although nobody killed it. */
  readonly crashes: Readonly<Record<string, number>>
  readonly isDrained: boolean
  readonly drainedInMs: number
  readonly status: Status | undefined
}

/** Drives load and faults for as long as asked, waits until what was promised has arrived, and tells what came of it. */
export async function run (options: Options, faults: readonly RegistryEntry<Fault>[], path: string, say: (line: string) => void, signal: AbortSignal): Promise<Outcome> {
  const startedAt = performance.now()
  const now = () => Math.round(performance.now() - startedAt)
  const oracle = new Oracle()
  const injected: Injected[] = []
  let current = 0
  let strange = 0
  let recovery: Recovery | undefined

  const stage = await Stage.start({
    appendfsync: options.appendfsync,
    path,
    isKept: options.isKept,
    random: randomOf(options.seed, 'consumer'),
    onEvent: (data) => {
      if (!isIntact(data) || !oracle.handle(data.sequence, current === 0 ? injected.length : current, current !== 0)) strange++
      else recovery?.handle(data.sequence, now())
    }
  })
  const load = new Load({
    url: stage.url,
    rate: options.rate,
    random: randomOf(options.seed, 'load'),
    onPost: (count) => oracle.post(count, current, now()),
    onAcknowledge: (sequence, priority, level) => {
      oracle.acknowledge(sequence, level, now())
      recovery?.acknowledge(sequence, priority, oracle.isHandled(sequence), now())
    }
  })
  const line = (text: string) => { say(`${clock(now())} ${text}`) }
  const progress = setInterval(() => {
    line(`${oracle.posted} posted, ${oracle.missing} promised and not yet arrived, ${injected.length} faults`)
  }, PROGRESS_INTERVAL_MS)

  try {
    const leftOut = new Map(faults.flatMap(({ name, value }) => {
      const obstacle = value.obstacle?.(stage)
      return obstacle === undefined ? [] : [[name, obstacle]]
    }))
    for (const [name, why] of leftOut) line(`${name} is left out: ${why}`)
    const byName = new Map(faults.filter(({ name }) => !leftOut.has(name)).map(({ name, value }) => [name, value]))
    const endsAt = now() + options.minutes * MINUTE_MS
    load.start()
    await wait(WARM_UP_MS, undefined, { signal })
    for (const injection of schedule([...byName].map(([name, { lastsMs }]) => ({ name, lastsMs })), options.seed)) {
      if (now() + injection.gapMs + injection.lastsMs + QUIET_END_MS > endsAt) break
      await wait(injection.gapMs, undefined, { signal })
      await endure(injection, byName.get(injection.fault) as Fault)
    }
    await wait(Math.max(0, endsAt - now()), undefined, { signal })
    await load.stop()
    line('the load has ended')
    const drainStartedAt = now()
    const isDrained = await drains()
    const drainedInMs = now() - drainStartedAt
    return { oracle, injected, leftOut, load: load.counts, strange, crashes: crashesByName(), isDrained, drainedInMs, status: await balances() }
  } finally {
    clearInterval(progress)
    await load.stop()
    await stage.stop()
  }

  async function endure ({ fault: name, lastsMs }: Injection, fault: Fault): Promise<void> {
    const number = injected.length + 1
    const random = randomOf(options.seed, `${name} ${number}`)
    const atMs = now()
    current = number
    await fault.inject(stage, random)
    await wait(lastsMs, undefined, { signal })
    await fault.end(stage, random)
    const watch = recovery = new Recovery(now())
    const deadline = now() + RECOVERY_DEADLINE_MS
    while (watch.tookMs === undefined && now() < deadline) await wait(POLL_INTERVAL_MS, undefined, { signal })
    recovery = undefined
    current = 0
    injected.push({ number, fault: name, atMs, lastsMs, recoveredInMs: watch.tookMs })
    line(`#${number} ${name} for ${seconds(lastsMs)}, ${watch.tookMs === undefined ? `NOT recovered within ${seconds(RECOVERY_DEADLINE_MS)}` : `recovered in ${seconds(watch.tookMs)}`}`)
  }

  /** True once nothing is missing and nothing is under way; false when the time runs out, or all is empty and something is missing. */
  async function drains (): Promise<boolean> {
    const deadline = now() + DRAIN_DEADLINE_MS
    let emptySince: number | undefined
    while (now() < deadline) {
      const status = await readStatus(stage.url)
      const isEmpty = status !== undefined && status.pending === 0 && (status.spooled ?? 0) === 0
      if (isEmpty && oracle.missing === 0) return true
      emptySince = isEmpty ? emptySince ?? now() : undefined
      if (emptySince !== undefined && now() - emptySince > EMPTY_MS) return false
      await wait(POLL_INTERVAL_MS * 5, undefined, { signal })
    }
    return false
  }

  async function balances (): Promise<Status | undefined> {
    const deadline = now() + BALANCE_DEADLINE_MS
    for (;;) {
      const status = await readStatus(stage.url)
      if ((status !== undefined && Object.values(status.imbalance).every((events) => events === 0)) || now() > deadline) return status
      await wait(POLL_INTERVAL_MS * 5, undefined, { signal })
    }
  }

  function crashesByName (): Record<string, number> {
    return Object.fromEntries(stage.programs.map(({ name, crashes }) => [name, crashes]))
  }
}

function clock (ms: number): string {
  const whole = Math.floor(ms / 1_000)
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}

function seconds (ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
