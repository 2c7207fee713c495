import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startRedis } from '../../rig/redis.ts'
import { runLoad } from '../../rig/load/run-load.ts'
import type { LoadRequest } from '../../rig/load/request.ts'
import type { Owner } from '../../rig/owner.ts'
import { PRODUCTION } from '../measure-case.ts'
import { spillway, type SpillwayShape } from '../subject/spillway.ts'

/** A service that takes turns with another. */
export interface Side {
  /** Puts a load on it, and returns the CPU time of its process for each event, microseconds. */
  readonly turn: (load: Load, forMs: number) => Promise<number>
}

/** Requests that connections post one after the other. */
export interface Load {
  readonly requests: readonly LoadRequest[]
  readonly connections: number
  readonly eventsPerRequest: number
}

/**
 * Starts an API process with its own Redis.
 *
 * @param settings JSON of settings to change
 */
export async function startSide (owner: Owner, shape: SpillwayShape, settings = '{}'): Promise<Side> {
  const redis = await startRedis(owner, { ...PRODUCTION, appendfsync: 'everysec' })
  const folder = join(redis.folder, 'service')
  await mkdir(folder)
  const { ports, pids, stop } = await spillway(shape).start({ folder, redis, core: undefined })
  owner.teardown(stop)
  if (settings !== '{}') await changeSettings(ports.server!, settings)
  const turn = async (load: Load, forMs: number) => {
    const { events, other, failed, used } = await runLoad({
      kind: 'closed', ...load, port: ports.server, watch: pids, warmUpMs: 0, measuredMs: forMs
    }, undefined)
    if (other + failed > 0 || events === 0) throw new Error(`${other} answers are neither 202 nor 503, ${failed} are missing`)
    return used['server']!.cpuMicros / events
  }
  return { turn }
}

async function changeSettings (port: number, settings: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/settings`, {
    method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: settings
  })
  if (!answer.ok) throw new Error(`the settings are refused: ${await answer.text()}`)
}
