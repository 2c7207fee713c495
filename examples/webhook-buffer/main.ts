import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from './consumer.ts'
import { startReceiver } from './receiver.ts'

const RECEIVER_PORT = 4000
const CONSUMER_PORT = 4001

const [secret, url = 'http://127.0.0.1:3000'] = process.argv.slice(2)
if (secret === undefined) {
  process.stderr.write('usage: node examples/webhook-buffer/main.ts DELIVERY_SECRET [url of Spillway]\n')
  process.exit(2)
}

await startReceiver({ url }, RECEIVER_PORT)
await startConsumer(secret, async ({ id }) => {
  await wait(200)
  // An id is what a producer chose, and a terminal obeys some characters.
  process.stdout.write(`worked on ${id.replace(/[^ -~]/g, '?')}\n`)
}, CONSUMER_PORT)
process.stdout
  .write(`webhooks go to http://127.0.0.1:${RECEIVER_PORT}, Spillway delivers to http://127.0.0.1:${CONSUMER_PORT}\n`)
