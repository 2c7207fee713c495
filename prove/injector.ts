import { setTimeout as wait } from 'node:timers/promises'
import type { Fault, Scene } from './fault.ts'
import { randomOf } from '../rig/random.ts'
import type { Injection } from './schedule.ts'
import type { Stage } from './stage/stage.ts'
import type { Disturbance, Risk } from './timeline.ts'
import { Recovery } from './watch/recovery.ts'
import type { World } from './world.ts'

const POLL_INTERVAL_MS = 20
/** How long Spillway may need to recover after a fault. */
export const RECOVERY_DEADLINE_MS = 60_000

/** A fault that was injected, or two that overlapped. */
export interface Injected {
  /** Its number on the timeline. */
  readonly number: number
  /** The name of the fault, or of both with a plus. */
  readonly fault: string
  readonly atMs: number
  readonly lastsMs: number
  /** Undefined if Spillway did not recover within the deadline. */
  readonly recoveredInMs: number | undefined
}

export interface InjectorOptions {
  readonly world: World
  readonly stage: Stage
  readonly seed: number
  readonly flood: Scene['flood']
  readonly line: (text: string) => void
  readonly signal: AbortSignal
  readonly recoveryDeadlineMs?: number
}

/** Injects faults, ends them, and waits until Spillway has recovered. */
export class Injector {
  readonly injected: Injected[] = []
  /** Faults that could not be injected here, and why. */
  readonly leftOut = new Map<string, string>()
  readonly scene: Scene
  readonly #options: InjectorOptions

  constructor (options: InjectorOptions) {
    this.#options = options
    const { flood, stage, world: { account } } = options
    const { redis, proxy, apis, workers, urls, disk, spools, consumer } = stage
    this.scene = { redis, proxy, apis, workers, urls, disk, spools, consumer, flood, account }
  }

  async endure ({ faults: names, lastsMs, offsetMs }: Injection, byName: ReadonlyMap<string, Fault>): Promise<void> {
    const { world, stage, line, signal, recoveryDeadlineMs = RECOVERY_DEADLINE_MS } = this.#options
    const faults = names.map((name) => ({ name, fault: byName.get(name) as Fault }))
    const name = names.join('+')
    const disturbance = world.timeline.begin(
      name, riskOf(faults.map(({ fault }) => fault.risk)), world.now(),
      faults.some(({ fault }) => fault.holdsCalls === true)
    )
    world.current = disturbance.number
    await Promise.all(
      faults.map((fault, index) => this.#inflict(fault, disturbance, index * offsetMs, lastsMs[index] as number))
    )
    disturbance.restoredAtMs = world.now()
    const watch = world.recovery = new Recovery(world.now(), stage.urls.length)
    const deadline = world.now() + recoveryDeadlineMs
    while (watch.tookMs === undefined && world.now() < deadline) await wait(POLL_INTERVAL_MS, undefined, { signal })
    world.recovery = undefined
    world.current = 0
    disturbance.recoveredAtMs = world.now()
    const took = watch.tookMs
    this.injected.push({
      number: disturbance.number, fault: name, atMs: disturbance.beganAtMs, lastsMs: Math.max(...lastsMs),
      recoveredInMs: took
    })
    line(`#${disturbance.number} ${name} for ${seconds(Math.max(...lastsMs))}, ${
      took === undefined ? `NOT recovered within ${seconds(recoveryDeadlineMs)}` : `recovered in ${seconds(took)}`
    }`)
  }

  async #inflict (
    { name, fault }: { name: string, fault: Fault },
    disturbance: Disturbance,
    offsetMs: number,
    lastsMs: number
  ): Promise<void> {
    const { world, seed, signal } = this.#options
    const random = randomOf(seed, `${name} ${disturbance.number}`)
    await wait(offsetMs, undefined, { signal })
    await fault.inject(this.scene, random)
    // From the last strike to the first end, both faults act.
    disturbance.struckAtMs =
      disturbance.struckAtMs === Infinity ? world.now() : Math.max(disturbance.struckAtMs, world.now())
    await wait(lastsMs, undefined, { signal })
    disturbance.endedAtMs = Math.min(disturbance.endedAtMs, world.now())
    await fault.end(this.scene, random)
  }
}

/** Returns the risk of a fault; two faults that overlap may repeat all calls until the recovery. */
function riskOf (risks: readonly Risk[]): Risk {
  if (risks.includes('rollback')) return 'rollback'
  return risks.includes('throughout') || risks.length > 1 ? 'throughout' : risks[0] as Risk
}

function seconds (ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
