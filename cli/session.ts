import type { Command } from 'commander'
import type { Painter } from './paint.ts'
import type { ServiceApi } from './service-api.ts'

/** The destination of text: a stream, or a list in a test. */
export interface Output {
  readonly write: (text: string) => unknown
  readonly isTTY: boolean
  /** Characters in a line. */
  readonly columns: number
}

/** The world outside, given once by the entry. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<Buffer>
  readonly out: Output
  readonly err: Output
  /** Aborted with a StopReason by Ctrl-C, a termination or a reader that went away. */
  readonly signal: AbortSignal
}

/** The things that a command works with. */
export interface Session extends Surroundings {
  readonly service: ServiceApi
  /** Address of the service, without credentials. */
  readonly url: string
  readonly token: string | undefined
  readonly isJson: boolean
  readonly paint: Painter
  /** Prints one line, or lines, to the standard output, without anything that steers a terminal but colours. */
  readonly say: (text: string) => void
  /** The same to the standard error, without colours. */
  readonly tell: (text: string) => void
  /** Prints one JSON document in one line. */
  readonly sayJson: (value: unknown) => void
}

/** The work of a command; it resolves with the exit code. */
export type Work<Options> = (session: Session, options: Options, ...args: string[]) => Promise<number>

/** Makes an action for commander of what a command does. */
export type Action = <Options>(work: Work<Options>) => (...args: unknown[]) => Promise<void>

/** The export of a file of cli/commands/; the file name is the name of the command. */
export interface CliCommand {
  /** Adds arguments, options, help and action to a command that has its name already. */
  readonly describe: (command: Command, action: Action) => void
}

export const COMMAND_SHAPE = 'a CliCommand: { describe }'

/** Tells whether a file of commands/ exports one. */
export function isCommand (candidate: unknown): candidate is CliCommand {
  return typeof (candidate as Partial<CliCommand> | undefined)?.describe === 'function'
}
