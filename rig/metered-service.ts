import { once } from 'node:events'
import { join } from 'node:path'
import type { Owner } from './owner.ts'
import { startReadyServer, type SpawnedServer } from './spawned-server.ts'

const PROBE = join(import.meta.dirname, 'meter-probe.ts')

/** The cost of something to a service, in times of a machine of usual speed (see meter-probe.ts). */
export interface Cost {
  /** CPU time of the whole process, including garbage collector and compiler, milliseconds. */
  readonly cpuMs: number
  /** The longest CPU time of one turn of the event loop, milliseconds. */
  readonly longestTurnMs: number
  /** The peak of the resident set of the process in bytes, read every 20 ms. */
  readonly peakBytes: number
}

export interface Measured<T> extends Cost {
  readonly result: T
}

/** The most that something may cost. */
export interface CostBounds {
  /** Infinity if only turns are bounded. */
  readonly mostCpuMs: number
  readonly mostTurnMs: number
}

export interface MeteredService extends SpawnedServer {
  /** Runs an action against the service and measures its cost to the service. One measurement at a time. */
  measure: <T>(act: () => Promise<T>) => Promise<Measured<T>>
  /** The cheapest of several rounds: the first also pays for compilers, and other programs may disturb any. */
  measureLeast: <T>(act: () => Promise<T>, rounds?: number) => Promise<Measured<T>>
  /** The cheapest of as many rounds as it takes to stay within the bounds, or of the most rounds. */
  measureWithin: <T>(bounds: CostBounds, act: () => Promise<T>) => Promise<Measured<T>>
}

const ROUNDS = 4
/** Enough that other programs disturb not all of them. */
const MOST_ROUNDS = 12

/** Whether a cost is within bounds. */
function isWithin ({ cpuMs, longestTurnMs }: Cost, { mostCpuMs, mostTurnMs }: CostBounds): boolean {
  return cpuMs <= mostCpuMs && longestTurnMs <= mostTurnMs
}

/**
 * Starts server.ts like `startReadyServer`, in a process that measures itself.
 *
 * @param flags of Node.js, such as `--max-old-space-size=512`
 */
export async function startMeteredService (
  owner: Owner, env: Record<string, string>, flags: readonly string[] = []
): Promise<MeteredService> {
  const server = await startReadyServer(owner, env, { flags: ['--import', PROBE, ...flags], hasChannel: true })
  const ask = async (question: 'begin' | 'end'): Promise<unknown> => {
    const answered = once(server.child, 'message')
    server.child.send(question)
    return (await answered)[0]
  }
  const measure = async <T>(act: () => Promise<T>): Promise<Measured<T>> => {
    await ask('begin')
    const result = await act()
    return { ...await ask('end') as Cost, result }
  }
  const leastOf = async <T>(
    act: () => Promise<T>, rounds: number, isEnough: (least: Cost) => boolean
  ): Promise<Measured<T>> => {
    let least = await measure(act)
    for (let round = 1; round < rounds && !isEnough(least); round++) {
      const next = await measure(act)
      least = {
        result: next.result,
        cpuMs: Math.min(least.cpuMs, next.cpuMs),
        longestTurnMs: Math.min(least.longestTurnMs, next.longestTurnMs),
        peakBytes: Math.max(least.peakBytes, next.peakBytes)
      }
    }
    return least
  }
  return {
    ...server,
    measure,
    measureLeast: (act, rounds = ROUNDS) => leastOf(act, rounds, () => false),
    measureWithin: (bounds, act) => leastOf(act, MOST_ROUNDS, (least) => isWithin(least, bounds))
  }
}
