/*
 * The common form of backpressure, mostly in Express: read the depth from Redis, refuse above a threshold, else add a
 * job.
 */
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import express from 'express'
import type { AddressInfo } from 'node:net'
import { announce } from '../peer/announce.ts'
import { acceptedEvent, priorityOf, type EventBody } from '../peer/contract.ts'
import { makeQueue } from '../peer/queue.ts'
import { EventInputSchema } from '../../services/event/event.ts'

const MOST_WAITING = 30_000_000
const RETRY_SECONDS = 5

const ajv = new Ajv()
addFormats.default(ajv)
const isEvent = ajv.compile<EventBody>(EventInputSchema)
const queue = makeQueue()
const app = express()

app.disable('x-powered-by')
app.use(express.json())
app.post('/api/v1/events', async ({ body }, response) => {
  if (!isEvent(body)) {
    response.status(400).json({ errors: isEvent.errors })
    return
  }
  const { waiting = 0, prioritized = 0, active = 0 } = await queue.getJobCounts('waiting', 'prioritized', 'active')
  if (waiting + prioritized + active >= MOST_WAITING) {
    response.status(503).set('retry-after', String(RETRY_SECONDS)).json({ error: 'too many events are waiting' })
    return
  }
  const job = await queue.add(body.type, body, { priority: priorityOf(body) })
  response.status(202).json(acceptedEvent(String(job.id), body))
})

await queue.waitUntilReady()
const server = app.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
