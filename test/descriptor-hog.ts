/*
 * Preloaded into a service under test: takes every file descriptor that is left, and every one that becomes free, until
 * the test wants them back. While it has them it says each second that the service still turns.
 */
import { closeSync, openSync } from 'node:fs'

const RETAKE_MS = 5
const SECOND_MS = 1_000

const held: number[] = []
let timers: NodeJS.Timeout[] = []

process.on('message', (message) => {
  if (message === 'take') {
    take()
    timers = [setInterval(take, RETAKE_MS), setInterval(() => process.send?.('turns'), SECOND_MS)]
  } else if (message === 'give') {
    for (const timer of timers) clearInterval(timer)
    for (const descriptor of held.splice(0)) closeSync(descriptor)
  }
})
process.channel?.unref()

function take (): void {
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error
  }
}
