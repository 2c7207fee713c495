import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import type { Child } from './child.ts'

const PATIENCE_MS = 30_000
const POLL_MS = 10

/** Resolves with the port that a program announces: by a line of JSON with `"event": "started"` and its `url`, as Spillway logs it. */
export async function announcedPort ({ child }: Child): Promise<number> {
  if (child.stdout === null) throw new Error('the program announces nothing')
  const announced = Promise.withResolvers<number>()
  // Read on for as long as it runs: a full pipe would block it.
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{') && line.includes('"started"')) announced.resolve(Number(new URL((JSON.parse(line) as { url: string }).url).port))
  })
  const ended = once(child, 'exit').then(([code, signal]) => { throw new Error(`it ended with ${code ?? signal} before it listened`) })
  return Promise.race([announced.promise, ended])
}

/** Resolves when something listens on a port of loopback. */
export async function listening (port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!await accepts(port)) {
    if (performance.now() > deadline) throw new Error(`nothing listens on port ${port} after ${PATIENCE_MS} ms`)
    await wait(POLL_MS)
  }
}

function accepts (port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => { socket.destroy(); resolve(true) }).once('error', () => resolve(false))
  })
}
