import type { ChildProcess } from 'node:child_process'
import type { FromSupervisor } from './messages.ts'
import type { Peer } from './page-exchange.ts'
import type { Questioned } from './signs-of-life.ts'

/** A place for a process, which its successor takes after a crash. */
export interface Place {
  readonly name: string
  child: ChildProcess | undefined
  /** Resolves with how the process ended. */
  ended: Promise<Ending>
  isListening: boolean
}

/** How a process ended. */
export type Ending = readonly [code: number | null, signal: NodeJS.Signals | null]

/** Returns the process in a place as the one that is asked for its page. */
export function peerOf ({ name, child }: Place): Peer {
  return { name, askForPage: (request) => { if (child !== undefined) send(child, { kind: 'page-wanted', request }) } }
}

/** Returns the process in a place as the one that is asked for a sign of life. */
export function questionedOf ({ name, child }: Place): Questioned {
  return {
    name,
    ask: () => { if (child !== undefined) send(child, { kind: 'alive-wanted' }) },
    kill: () => { child?.kill('SIGKILL') }
  }
}

/** Sends a message, or none to a process that has ended. */
export function send (child: ChildProcess, message: FromSupervisor): void {
  // A process may die before the message reaches it. Its exit tells that, and nobody waits for its page then.
  if (child.connected) child.send(message, () => {})
}
