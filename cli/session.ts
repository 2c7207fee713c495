import type { Command } from 'commander'
import type { Painter } from './paint.ts'
import type { ServiceApi } from './service-api.ts'

/** The destination of text: a stream, or a list in a test. */
export interface Output {
  readonly write: (text: string) => unknown
  readonly isTTY: boolean
  /** Characters per line. */
  readonly columns: number
}

/** The environment of the command, which the entry provides. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<Buffer>
  readonly out: Output
  readonly err: Output
  /** Aborted with a StopReason by Ctrl-C, a termination signal or a closed pipe. */
  readonly signal: AbortSignal
}

/** The surroundings of one run of a command. */
export interface Session extends Surroundings {
  /** The routes for operators. */
  readonly service: ServiceApi
  /** The routes for producers. */
  readonly intake: ServiceApi
  /** Address of the routes for producers, without credentials. */
  readonly url: string
  /** Address of the routes for operators, without credentials; the same unless the service has an ADMIN_PORT. */
  readonly adminUrl: string
  /** The secret to post events with. */
  readonly secret: string | undefined
  readonly isJson: boolean
  readonly paint: Painter
  /** Prints lines to the standard output, without control sequences except colours. */
  readonly say: (text: string) => void
  /** Prints lines to the standard error, without control sequences and colours. */
  readonly tell: (text: string) => void
  /** Prints one JSON document in one line. */
  readonly sayJson: (value: unknown) => void
}

/** The work of a command; it resolves with the exit code. */
export type Work<Options> = (session: Session, options: Options, ...args: string[]) => Promise<number>

/** Wraps the work of a command as an action for Commander. */
export type Action = <Options>(work: Work<Options>) => (...args: unknown[]) => Promise<void>

/** The export of a file of cli/commands/; the file name is the name of the command. */
export interface CliCommand {
  /** Adds arguments, options, help and action to a named command. */
  readonly describe: (command: Command, action: Action) => void
}

export const COMMAND_SHAPE = 'a CliCommand: { describe }'

/** Whether a file of commands/ exports a command. */
export function isCommand (candidate: unknown): candidate is CliCommand {
  return typeof (candidate as Partial<CliCommand> | undefined)?.describe === 'function'
}
