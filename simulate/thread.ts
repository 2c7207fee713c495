/* A thread that runs jobs of the simulator. It builds the world once. */
import { parentPort, workerData } from 'node:worker_threads'
import { buildWorld } from './build-world.ts'
import { runJob, type Job } from './job.ts'
import type { WorldOptions } from './options.ts'
import { loadRegistries } from './registries.ts'
import type { ThreadMessage } from './threads.ts'

const registries = await loadRegistries()
const world = await buildWorld(workerData as WorldOptions, registries)
const answer = (message: ThreadMessage) => parentPort?.postMessage(message)

parentPort?.on('message', (job: Job) => {
  answer({ figures: runJob(job, world, registries, (share) => answer({ share })) })
})
