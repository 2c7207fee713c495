import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import {
  beginReplay,
  cancelReplay,
  isOver,
  listDeadLetters,
  listReplays,
  readDeadLetter,
  readReplay,
  type DeadLetterFilter,
  type Replay
} from '../dead-letters/api.ts'
import { counted } from '../../services/terminal/counted.ts'
import { printableJson } from '../../services/terminal/printable.ts'
import { deadLetterTable, replayLine } from '../dead-letters/table.ts'
import { EXIT, UsageError } from '../exit-code.ts'
import { bar, count } from '../paint.ts'
import { Progress } from '../progress.ts'
import type { Action, CliCommand, Session } from '../session.ts'
import { collect, integer } from '../value.ts'

interface ReplayOptions extends DeadLetterFilter {
  id?: readonly string[]
  all?: boolean
  dryRun?: boolean
  wait: boolean
}

const POLL_INTERVAL_MS = 250
const BAR_WIDTH = 24
const DEFAULT_LISTED = 20
const MOST_LISTED = 100_000

const EXAMPLES = `
Examples:
  $ npx spillway dead-letters list --reason refused --from 2026-03-01T00:00:00Z
  $ npx spillway dead-letters show d-0123456789abcdef0123456789abcdef
  $ npx spillway dead-letters replay --type order --dry-run
  $ npx spillway dead-letters replay --all
  $ npx spillway dead-letters cancel 01a20a45-3dcd-71e9-8fd9-f4fb5f567963`

const deadLetterCommands: CliCommand = {
  describe: (command, action) => {
    command.description('List, show and replay events that no handler could process').addHelpText('after', EXAMPLES)
    describeList(command, action)
    command.command('show').description('Print one dead letter and its event').argument('<id>', 'of the dead letter')
      .action(action(async ({ service, say, sayJson, isJson }, _options, id = '') => {
        const deadLetter = await readDeadLetter(service, id)
        if (isJson) sayJson(deadLetter)
        else say(printableJson(JSON.stringify(deadLetter, undefined, 2)))
        return EXIT.ok
      }))
    describeReplay(command, action)
    command.command('replays').description('List the latest replays')
      .action(action(async ({ service, say, sayJson, isJson }) => {
        const replays = await listReplays(service)
        if (isJson) sayJson({ replays })
        else say(replays.length === 0 ? 'no replays' : replays.map(replayLine).join('\n'))
        return EXIT.ok
      }))
    command.command('cancel').description('Cancel a replay; the dead letters that it has moved stay in the queue')
      .argument('<id>', 'of the replay')
      .action(action(async ({ service, say, sayJson, isJson }, _options, id = '') => {
        const replay = await cancelReplay(service, id)
        if (isJson) sayJson(replay)
        else say(replayLine(replay))
        return EXIT.ok
      }))
  }
}

export default deadLetterCommands

function withFilters (command: Command): Command {
  return command
    .option('--type <type>', 'of the event')
    .option('--organization <id>', 'of the event')
    .option('--reason <reason>', 'attempts-exhausted, refused or batch-failed')
    .option('--from <time>', 'died at this time or later, RFC 3339')
    .option('--to <time>', 'died at this time or earlier, RFC 3339')
}

function describeList (command: Command, action: Action): void {
  withFilters(command.command('list').description('List dead letters, the oldest first'))
    .option('--limit <count>', 'list at most so many', integer(1, MOST_LISTED), DEFAULT_LISTED)
    .action(action<
      DeadLetterFilter & { limit: number }
    >(async ({ service, say, sayJson, isJson }, { limit, ...filter }) => {
      const { deadLetters, hasMore } = await listDeadLetters(service, filter, limit)
      if (isJson) sayJson({ deadLetters, hasMore })
      else if (deadLetters.length === 0) say('no dead letters')
      else say(`${deadLetterTable(deadLetters)}${hasMore ? `\nthere are more; --limit is ${count(limit)}` : ''}`)
      return EXIT.ok
    }))
}

function describeReplay (command: Command, action: Action): void {
  withFilters(command.command('replay').description('Put dead letters back into the queue, with spare capacity only'))
    .option('--id <id>', 'of a dead letter; repeatable; replaces filters', collect)
    .option('--all', 'replay all dead letters; replaces filters')
    .option('--dry-run', 'only list the dead letters that would be replayed')
    .option('--no-wait', 'start the replay and do not wait for its end')
    .action(action<
      ReplayOptions
    >(async (session, { id: ids, all = false, dryRun = false, wait: isAwaited, ...filter }) => {
      const isFiltered = Object.keys(filterOf(filter)).length > 0
      if ([ids !== undefined, all, isFiltered].filter(Boolean).length !== 1)
        throw new UsageError('replay needs exactly one of --id, a filter, or --all')
      const { service, say, sayJson, isJson } = session
      const begun = await beginReplay(service, {
        ...(ids === undefined ? { filter: filterOf(filter) } : { ids }),
        dryRun
      })
      if ('dryRun' in begun) {
        if (isJson) sayJson(begun)
        else
          say(`${counted(begun.matched, 'dead letter')} would be replayed${
            begun.sample.length === 0 ? '' : `, the first of them:\n${deadLetterTable(begun.sample)}`
          }`)
        return EXIT.ok
      }
      const replay = isAwaited ? await follow(session, begun) : begun
      if (isJson) sayJson(replay)
      else say(replayLine(replay))
      return isAwaited && replay.status !== 'done' ? EXIT.failed : EXIT.ok
    }))
}

/** Picks the options that are members of a filter of the API. */
function filterOf ({ type, organization, reason, from, to }: DeadLetterFilter): Record<string, string> {
  return JSON.parse(JSON.stringify({ type, organizationId: organization, reason, from, to })) as Record<string, string>
}

/** Resolves when the replay is over. The replay continues in the service if this command ends first. */
async function follow ({ service, err, tell, signal }: Session, begun: Replay): Promise<Replay> {
  const progress = new Progress(err)
  try {
    for (let replay = begun; ; replay = await readReplay(service, begun.id)) {
      if (isOver(replay)) return replay
      const { matched, replayed, reason } = replay
      progress.show(() =>
        `${bar(replayed / Math.max(1, matched), BAR_WIDTH)} ${count(replayed)} of ${count(matched)}${
          reason === undefined ? '' : `, waits: ${reason}`
        }`
      )
      await wait(POLL_INTERVAL_MS, undefined, { signal })
    }
  } catch (error) {
    progress.end()
    if (signal.aborted)
      tell(`replay ${begun.id} continues in the service; cancel it with npx spillway dead-letters cancel ${begun.id}`)
    throw error
  } finally {
    progress.end()
  }
}
