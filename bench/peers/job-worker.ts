/* A BullMQ worker that does nothing, one job per event. */
import { createServer, type AddressInfo } from 'node:net'
import { Worker } from 'bullmq'
import { announce } from '../peer/announce.ts'
import { connectRedis, QUEUE_NAME } from '../peer/queue.ts'

/** The fastest of 20, 50 and 100 in this bench. */
const CONCURRENCY = Number(process.env.CONCURRENCY ?? 50)

const worker = new Worker(QUEUE_NAME, async () => {}, { connection: connectRedis(), concurrency: CONCURRENCY })
worker.on('error', (error) => { throw error })
await worker.waitUntilReady()
// Every program of the bench announces that it is ready by its address, so this one listens too.
const server = createServer().listen(
  0,
  '127.0.0.1',
  () => announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
)
