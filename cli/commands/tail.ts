import { setTimeout as wait } from 'node:timers/promises'
import { withMember } from '../../services/event/json-text.ts'
import type { LatestEvent } from '../../services/receipt/latest-event.ts'
import { printable, printableJson } from '../../services/terminal/printable.ts'
import { EXIT } from '../exit-code.ts'
import { UnreachableError } from '../service-api.ts'
import type { CliCommand, Session } from '../session.ts'
import { readLatest, readPayload } from '../tail/latest.ts'
import { NewsFinder } from '../tail/news.ts'
import { integer, seconds } from '../value.ts'
import { counted } from '../../services/terminal/counted.ts'

interface Options {
  payload?: boolean
  type?: string
  events: number
  interval: number
  follow: boolean
}

const DEFAULT_EVENTS = 10
const MOST_EVENTS = 100
const MOST_NAME_CHARACTERS = 120
const MOST_PAYLOAD_CHARACTERS = 2_000

const HELP = `
Prints the time, the priority, the type, the id and the state of each event, and once more when its state changes. The
process that answers lists up to ten events of each second; of a fleet you see those of one process. For operators.

Examples:
  $ npx spillway tail
  $ npx spillway tail --payload --type order
  $ npx spillway tail --no-follow --json`

const tail: CliCommand = {
  describe: (command, action) => command
    .description('Follow the latest events and their states')
    .option('--payload', 'print the payload of each event too')
    .option('--type <type>', 'only events of this type')
    .option('-n, --events <count>', 'number of earlier events to print first', integer(0, MOST_EVENTS), DEFAULT_EVENTS)
    .option('--interval <seconds>', 'time between two requests', seconds, 1)
    .option('--no-follow', 'print the earlier events and exit')
    .addHelpText('after', HELP)
    .action(action<Options>(async (session, options) => {
      const news = new NewsFinder()
      await show(session, options, news, options.events)
      if (options.follow) await follow(session, options, news)
      return EXIT.ok
    }))
}

export default tail

/** Ctrl-C is the normal end, so the exit code is 0. */
async function follow (session: Session, options: Options, news: NewsFinder): Promise<void> {
  const { signal, tell } = session
  let isAway = false
  try {
    for (;;) {
      await wait(options.interval * 1_000, undefined, { signal })
      try {
        await show(session, options, news)
        isAway = false
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error
        if (!isAway) tell(error.message)
        isAway = true
      }
    }
  } catch (error) {
    if (signal.reason !== 'interrupted') throw error
  }
}

async function show (session: Session, options: Options, finder: NewsFinder, most?: number): Promise<void> {
  const { events, passedOver } = finder.next(await readLatest(session.service, options.type), most)
  for (const event of events) await print(session, event, options)
  // With --type the list leaves out other accepted events on purpose.
  if (passedOver > 0 && options.type === undefined && !session.isJson) {
    session.tell(`${counted(passedOver, 'more event')} ${
      passedOver === 1 ? 'was accepted and is' : 'were accepted and are'
    } not listed`)
  }
}

async function print (
  { service, say, isJson, paint }: Session,
  event: LatestEvent,
  { payload }: Options
): Promise<void> {
  const text = payload === true ? await readPayload(service, event) : undefined
  if (isJson) {
    // The payload is printed as posted; JSON.parse would change large numbers.
    const line = JSON.stringify(event)
    const hasPayload = text !== undefined && text !== ''
    say(printableJson(hasPayload ? withMember(line, 'payload', text.replaceAll(/[\r\n]+/g, ' ')) : line))
    return
  }
  const { receivedAt, priority, type, id, status } = event
  const shownType = paint('bold', shortened(type, MOST_NAME_CHARACTERS))
  const shownId = shortened(id, MOST_NAME_CHARACTERS)
  say(`${paint('dim', receivedAt)}  ${priority}  ${shownType}  ${shownId}  ${status}`)
  if (payload !== true) return
  say(`    ${text === undefined ? '(payload not stored)' : shortened(text, MOST_PAYLOAD_CHARACTERS)}`)
}

/** Cuts before it looks for control characters, to avoid a scan of a large payload. */
function shortened (text: string, mostCharacters: number): string {
  return `${printable(text.slice(0, mostCharacters))}${text.length > mostCharacters ? '…' : ''}`
}
