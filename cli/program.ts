/*
 * Runs one command line: every file of cli/commands/ is a command. It returns the exit code; the entry sets it.
 */
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { isSendable, utf8Header } from '../clients/typescript/header.ts'
import { redactUrl } from '../services/config/redaction.ts'
import { loadFolder } from '../services/registry/load-folder.ts'
import { printableJson, printableLines } from '../services/terminal/printable.ts'
import { EXIT, UsageError, type StopReason } from './exit-code.ts'
import { painter } from './paint.ts'
import { AnswerError, ServiceApi, UnreachableError } from './service-api.ts'
import { COMMAND_SHAPE, isCommand, type Action, type Session, type Surroundings } from './session.ts'

const DEFAULT_URL = 'http://127.0.0.1:3000'

interface GlobalOptions {
  url?: string
  adminUrl?: string
  token?: string
  apiKey?: string
  json?: boolean
  color: boolean
}

const HELP = `
Exit codes:
  0    done
  1    it ran, and the answer is no: bad findings, events not stored, not drained, refused by the service
  2    wrong usage
  3    the service cannot be reached
  130  interrupted

Environment:
  SPILLWAY_URL        of the service, ${DEFAULT_URL} by default
  SPILLWAY_ADMIN_URL  of its ADMIN_PORT, if it has one, for all commands but send
  SPILLWAY_KEY        API key, for all that has no token of its own
  SPILLWAY_TOKEN      of an operator; other users of the machine can read the arguments of a command, not its environment

Examples:
  $ npx spillway status --watch
  $ npx spillway send events.ndjson
  $ npx spillway drain --timeout 60 && echo empty
  $ npx spillway doctor`

/** Runs a command line and resolves with its exit code. `args` excludes the name of the program. */
export async function run (args: readonly string[], version: string, surroundings: Surroundings): Promise<number> {
  const { out, err, signal } = surroundings
  let exitCode: number = EXIT.ok
  const action: Action = (work) => async (...actionArgs) => {
    const command = actionArgs.at(-1) as Command
    const options = command.optsWithGlobals()
    exitCode = await work(
      sessionOf(options as GlobalOptions, surroundings),
      options as never,
      ...actionArgs.slice(0, -2) as string[]
    )
  }
  const program = new Command('spillway')
    .description('Operates a Spillway service: shows its status, sends events, drains the queue, finds problems.')
    .version(version)
    .option('--url <url>', 'address of the service (SPILLWAY_URL)')
    .option('--admin-url <url>', 'address of its ADMIN_PORT, if it has one (SPILLWAY_ADMIN_URL)')
    .option('--token <token>', 'token of an operator; SPILLWAY_TOKEN is safer, since other users see arguments')
    .option('--api-key <key>', 'API key; SPILLWAY_KEY is safer, since other users see arguments')
    .option('--json', 'print JSON for programs')
    .option('--no-color', 'print without colours')
    .addHelpText('after', HELP)
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
    .configureOutput({
      writeOut: (text) => { out.write(printableLines(text)) }, writeErr: (text) => { err.write(printableLines(text)) }
    })
  for (const { name, value } of await loadFolder(join(import.meta.dirname, 'commands'), isCommand, COMMAND_SHAPE)) {
    value.describe(program.command(name), action)
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return signal.aborted && exitCode !== EXIT.ok ? EXIT[signal.reason as StopReason] : exitCode
  } catch (error) {
    if (signal.aborted) return EXIT[signal.reason as StopReason]
    return failure(error as Error, (text) => { err.write(`spillway: ${printableLines(text)}\n`) })
  }
}

/** @throws Error that no command expects: a bug, which must not pass for a failure of the command */
function failure (error: Error, tell: (text: string) => void): number {
  // Commander has already printed its message; --help and --version are errors of Commander too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const exitCode = error instanceof UsageError
    ? EXIT.usage
    : error instanceof UnreachableError
    ? EXIT.unreachable
    : error instanceof AnswerError
    ? EXIT.failed
    : undefined
  if (exitCode === undefined) throw error
  tell(error.message)
  return exitCode
}

function sessionOf (
  { url: givenUrl, adminUrl: givenAdminUrl, token: givenToken, apiKey: givenKey, json = false, color }: GlobalOptions,
  surroundings: Surroundings
): Session {
  const { env, out, err, signal } = surroundings
  const url = usable(givenUrl ?? (env.SPILLWAY_URL?.trim() || DEFAULT_URL))
  // An address on the command line goes before one of the environment, which may be that of another service.
  const adminUrl = usable(givenAdminUrl ?? givenUrl ?? (env.SPILLWAY_ADMIN_URL?.trim() || url))
  const namedBy = adminUrl === url ? '--url or SPILLWAY_URL' : '--admin-url or SPILLWAY_ADMIN_URL'
  // A secret from a file ends in a line break.
  const token = (givenToken ?? env.SPILLWAY_TOKEN)?.trim() || undefined
  const key = (givenKey ?? env.SPILLWAY_KEY)?.trim() || undefined
  for (const [name, secret] of Object.entries({ token, key })) {
    if (secret !== undefined && !isSendable(utf8Header(secret)))
      throw new UsageError(`the ${name} contains a control character, such as a line break; remove it`)
  }
  // https://no-color.org: any value that is not empty.
  const isColoured = color && out.isTTY && !env.NO_COLOR && env.TERM !== 'dumb'
  return {
    ...surroundings,
    // ADMIN_TOKEN posts no events, and the key of a producer operates nothing.
    service: new ServiceApi({ url: adminUrl, shownUrl: redactUrl(adminUrl), namedBy }, token ?? key, signal),
    intake: new ServiceApi({ url, shownUrl: redactUrl(url), namedBy: '--url or SPILLWAY_URL' }, key ?? token, signal),
    url, adminUrl, secret: key ?? token, isJson: json, paint: painter(isColoured),
    say: (text) => { out.write(`${printableLines(text, isColoured)}\n`) },
    tell: (text) => { err.write(`${printableLines(text)}\n`) },
    sayJson: (value) => { out.write(`${printableJson(JSON.stringify(value))}\n`) }
  }
}

/** @throws UsageError if nobody can call the address, or if it contains a secret, which others could read */
function usable (url: string): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError(`${JSON.stringify(redactUrl(url))} is not a URL; use one such as ${DEFAULT_URL}`)
  const { username, password } = new URL(url)
  if (username + password !== '')
    throw new UsageError(`${redactUrl(url)}: the URL contains credentials; remove them and set SPILLWAY_TOKEN`)
  return url
}
