import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve as resolvePath } from 'node:path'
import { SpillwayClient } from '../../clients/typescript/client.ts'
import { redactUrl } from '../../services/config/redaction.ts'
import { EXIT, UsageError } from '../exit-code.ts'
import { bar, count } from '../paint.ts'
import { Progress } from '../progress.ts'
import { sendLines, WINDOW_BYTES, WINDOW_EVENTS } from '../send/send-lines.ts'
import { SendReport } from '../send/send-report.ts'
import type { CliCommand, Session } from '../session.ts'
import { dateTime, integer, seconds } from '../value.ts'

interface Options {
  type?: string
  priority?: number
  key?: string
  expiresAt?: string
  expiresIn?: number
  patience: number
}

interface Source {
  name: string
  chunks: AsyncIterable<Buffer>
  /** Undefined for an input of unknown length. */
  bytes: number | undefined
  key: string
}

const STDIN = '-'
const BAR_WIDTH = 24

/**
 * The command sends nothing new while the service refuses, so retries are no extra load, and a budget in proportion to
 * first attempts would starve them.
 */
const RETRY_BUDGET = { capacity: WINDOW_EVENTS, perSecond: 500 }

const HELP = `
Each line is one JSON value. An object with a payload and only members of an event is an event; anything else is a bare
payload and needs --type. A line without an id gets one that is derived from the path of the file, the number of the
line and its text. After a failure, run the same command again: it sends the missing events, and the service answers the
stored ones as duplicates, as long as it remembers ids (IDEMPOTENCY_TTL_MS). Lines of the standard input get such ids
only with --key.

Examples:
  $ npx spillway send events.ndjson
  $ npx spillway send readings.ndjson --type telemetry-data --priority 6
  $ zcat backup.ndjson.gz | npx spillway send - --key backup-2026-03
  $ npx spillway send events.ndjson --json > report.json`

const send: CliCommand = {
  describe: (command, action) => command
    .description('Send events from a file of NDJSON, or from the standard input')
    .argument('[file]', 'a file of NDJSON; - is the standard input', STDIN)
    .option('--type <type>', 'type of lines that do not name one')
    .option('--priority <priority>', 'priority, 1 to 10, of lines that do not name one', integer(1, 10))
    .option('--key <key>', 'name of the input in the ids of its lines; the path of the file by default')
    .option('--expires-at <time>', 'deadline of lines that do not name one, RFC 3339', dateTime)
    .option('--expires-in <seconds>', 'the same, counted from now', seconds)
    .option('--patience <seconds>', 'how long to retry an event that the service refuses', seconds, 300)
    .addHelpText('after', HELP)
    .action(action<Options>(async (session, { type, priority, key, expiresAt, expiresIn, patience }, file = STDIN) => {
      if (expiresAt !== undefined && expiresIn !== undefined)
        throw new UsageError('--expires-at and --expires-in exclude each other; use one of them')
      const deadline = expiresIn === undefined ? expiresAt : new Date(Date.now() + expiresIn * 1_000).toISOString()
      const source = await open(session, file, key)
      // If the service is unreachable, the command says so at once instead of after its patience.
      await session.intake.ask('GET', 'api/v1/health/liveness')
      await expectIntake(session)
      const client = new SpillwayClient({
        url: session.url, patienceMs: patience * 1_000, retryBudget: RETRY_BUDGET,
        // The window is small, so one further line is enough.
        maxSpoolEvents: WINDOW_EVENTS + 1, maxSpoolBytes: 2 * WINDOW_BYTES,
        ...(session.secret !== undefined && { key: session.secret })
      })
      const report = new SendReport()
      const startedAt = performance.now()
      const stopped = () => { void client.close({ signal: session.signal }) }
      session.signal.addEventListener('abort', stopped, { once: true })
      const progress = new Progress(session.err)
      let bytes = 0
      await sendLines(client, {
        chunks: source.chunks, defaults: { type, priority, expiresAt: deadline }, key: source.key, signal: session.signal,
        onProgress: (more) => {
          bytes += more
          progress.show(() => progressText(bytes, source.bytes, report, client.pending.events))
        }
      }, report).finally(() => { progress.end() })
      const elapsed = (performance.now() - startedAt) / 1_000
      if (session.isJson) session.sayJson(report.toJson(source.name, elapsed))
      else session.say(report.toText(source.name, elapsed))
      if (report.counts.forbidden > 0)
        session.tell('set SPILLWAY_KEY to a key with these rights: scope ingest, and types and priorities of the events')
      return report.isComplete ? EXIT.ok : EXIT.failed
    }))
}

export default send

async function open ({ stdin, signal }: Session, file: string, key: string | undefined): Promise<Source> {
  if (file === STDIN)
    return { name: 'standard input', chunks: untilAborted(stdin, signal), bytes: undefined, key: key ?? randomUUID() }
  const stats = await stat(file).catch((error: Error) => {
    throw new UsageError(`cannot read ${file}: ${error.message}`, { cause: error })
  })
  if (stats.isDirectory()) throw new UsageError(`cannot read ${file}: it is a folder`)
  return {
    name: file,
    chunks: createReadStream(file),
    bytes: stats.isFile() ? stats.size : undefined,
    key: key ?? resolvePath(file)
  }
}

/** @throws UsageError if the address answers, and accepts no events */
async function expectIntake ({ intake, url }: Session): Promise<void> {
  const { status, headers } = await intake.fetch('OPTIONS', 'api/v1/events/batch')
  // A port for operators has the path too: of the receipt of an event.
  const allow = headers.get('allow')
  if (status !== 404 && (allow === null || allow.split(', ').includes('POST'))) return
  throw new UsageError(
    `${redactUrl(url)} accepts no events; it may be an ADMIN_PORT, or the port of a worker: set --url or SPILLWAY_URL ` +
    'to the address of PORT'
  )
}

/** Ends on Ctrl-C even if no input arrives. */
async function * untilAborted (chunks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]()
  const aborted = new Promise<{ done: true, value: undefined }>((resolve) => {
    signal.addEventListener('abort', () => { resolve({ done: true, value: undefined }) }, { once: true })
  })
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted])
    if (next.done === true) return
    yield next.value
  }
}

function progressText (bytes: number, total: number | undefined, report: SendReport, pending: number): string {
  const { accepted, duplicate } = report.counts
  const counts = `${count(accepted)} accepted, ${count(duplicate)} duplicate, ${count(report.failed)} failed, ${
    count(pending)
  } in progress`
  return total === undefined ? counts : `${bar(bytes / Math.max(1, total), BAR_WIDTH)} ${counts}`
}
