import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { eventually } from '../eventually.ts'
import type { Child } from './child.ts'

const PATIENCE_MS = 30_000

/**
 * Resolves with the address that a program announces in a line of JSON with `"event": "started"` and its `url`, as
 * Spillway logs it.
 *
 * @param onLine gets every line that it prints
 */
export async function announcedUrl (
  { child, exited }: Child,
  onLine: (line: string) => void = () => {}
): Promise<string> {
  if (child.stdout === null) throw new Error('the program announces nothing')
  const announced = Promise.withResolvers<string>()
  // Read as long as it runs, since a full pipe would block it.
  createInterface({ input: child.stdout }).on('line', (line) => {
    onLine(line)
    if (line.startsWith('{') && line.includes('"event":"started"'))
      announced.resolve((JSON.parse(line) as { url: string }).url)
  })
  const ended = exited.then(({ code, signal }) => {
    throw new Error(`it ended with ${code ?? signal} before it listened`)
  })
  return await Promise.race([announced.promise, ended])
}

/** Resolves when a program listens on a port of loopback. */
export async function listening (port: number): Promise<void> {
  await eventually(`a program listens on port ${port}`, () => accepts(port), PATIENCE_MS)
}

function accepts (port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => { socket.destroy(); resolve(true) }).once('error', () => resolve(false))
  })
}
