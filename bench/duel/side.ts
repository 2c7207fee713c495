import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fleet } from '../../services/fleet/member.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { runLoad } from '../../rig/load/run-load.ts'
import type { LoadRequest } from '../../rig/load/request.ts'
import type { Owner } from '../../rig/owner.ts'
import { PRODUCTION } from '../measure-case.ts'
import { spillway, type SpillwayShape } from '../subject/spillway.ts'

/** A service that takes turns with another. */
export interface Side {
  /** Puts a load on it. */
  readonly turn: (load: Load, forMs: number) => Promise<Turn>
  /** Changes its settings; a merge patch. */
  readonly change: (settings: object) => Promise<void>
}

export interface Turn {
  /** CPU time of all processes of the service for each event, microseconds. */
  readonly cpuMicros: number
  /** Events per second. */
  readonly perSecond: number
}

/** Requests that connections post one after the other. */
export interface Load {
  readonly requests: readonly LoadRequest[]
  readonly connections: number
  readonly eventsPerRequest: number
}

/** Starts an API process with its own Redis. */
export async function startSide (owner: Owner, shape: SpillwayShape): Promise<Side> {
  const redis = await startRedis(owner, { ...PRODUCTION, appendfsync: 'everysec' })
  const folder = join(redis.folder, 'service')
  await mkdir(folder)
  const { ports, pids, stop } = await spillway(shape).start({ folder, redis, core: undefined })
  owner.teardown(stop)
  const watch = { ...pids, ...await pidsOf(ports.server!, Number(shape.keys?.PROCESSES ?? '1')) }
  const turn = async (load: Load, forMs: number) => {
    const { events, other, failed, used } = await runLoad({
      kind: 'closed', ...load, port: ports.server, watch, warmUpMs: 0, measuredMs: forMs
    }, undefined)
    if (other + failed > 0 || events === 0) throw new Error(`${other} answers are neither 202 nor 503, ${failed} are missing`)
    return {
      cpuMicros: Object.values(used).reduce((sum, { cpuMicros }) => sum + cpuMicros, 0) / events,
      perSecond: events * 1_000 / forMs
    }
  }
  return { turn, change: (settings) => changeSettings(ports.server!, settings) }
}

/** Returns the processes of a service that has several, by name, once all of them are in the fleet. */
async function pidsOf (port: number, count: number): Promise<Record<string, number>> {
  if (count === 1) return {}
  return await eventually('all processes are in the fleet', async () => {
    const { members } = await (await fetch(`http://127.0.0.1:${port}/api/v1/fleet`)).json() as Fleet
    return members.length === count && Object.fromEntries(members.map(({ pid }) => [`process ${pid}`, pid]))
  })
}

async function changeSettings (port: number, settings: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/settings`, {
    method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: JSON.stringify(settings)
  })
  if (!answer.ok) throw new Error(`the settings are refused: ${await answer.text()}`)
}
