/* A thread that runs jobs of the simulator. It keeps the worlds of the last jobs. */
import { parentPort } from 'node:worker_threads'
import { buildWorld } from './build-world.ts'
import { runJob } from './job.ts'
import type { WorldOptions } from './options.ts'
import { loadRegistries } from './registries.ts'
import type { Task, ThreadMessage } from './threads.ts'
import type { World } from './world/world.ts'

/** A contestant may be tuned in one world and judged in another. */
const MOST_WORLDS = 2

const registries = await loadRegistries()
const worlds = new Map<string, World>()
const answer = (message: ThreadMessage) => parentPort?.postMessage(message)

async function worldOf (options: WorldOptions): Promise<World> {
  const key = JSON.stringify(options)
  const world = worlds.get(key) ?? await buildWorld(options, registries)
  worlds.set(key, world)
  if (worlds.size > MOST_WORLDS) worlds.delete(worlds.keys().next().value as string)
  return world
}

parentPort?.on('message', async ({ world, job }: Task) => {
  const figures = runJob(job, await worldOf(world), registries, (share) => answer({ share }))
  answer({ figures })
})
