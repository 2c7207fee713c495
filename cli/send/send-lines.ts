import type { SendResult, SpillwayClient } from '../../clients/typescript/client.ts'
import { LineSplitter, type Line } from '../../services/intake/line-splitter.ts'
import { parseLine } from '../../services/intake/parse-line.ts'
import { eventOfLine, lineId, type LineDefaults } from './event-line.ts'
import type { SendReport } from './send-report.ts'

/** Limit on events that wait for their answer; at the limit no further line is read. */
export const WINDOW_EVENTS = 4_096
export const WINDOW_BYTES = 16_777_216

/** The longest line: the default limit of the service. */
const MOST_LINE_BYTES = 1_048_576

/**
 * Reasons after which the rest of the input stays unread: the service accepts nothing now, and each line would wait.
 */
const STOPPING: ReadonlySet<SendResult['status']> = new Set(['shed', 'quota', 'unanswered', 'unsent'])

/** Reasons for which the key may post nothing at all. */
const USELESS_KEY: ReadonlySet<string> = new Set(['unauthorized', 'scope'])

export interface LinesToSend {
  readonly chunks: AsyncIterable<Buffer>
  readonly defaults: LineDefaults
  /** The name of the input in the ids of its lines. */
  readonly key: string
  /** Called with the number of bytes just read, and with 0 for each answer. */
  readonly onProgress: (bytes: number) => void
  readonly signal: AbortSignal
}

/** Sends line after line and records each result; resolves when every event sent has its answer. */
export async function sendLines (
  client: SpillwayClient,
  { chunks, defaults, key, onProgress, signal }: LinesToSend,
  report: SendReport
): Promise<void> {
  const splitter = new LineSplitter(MOST_LINE_BYTES)
  let line = 0
  const state: { mustStop: boolean, wake?: () => void } = { mustStop: false }

  const settled = (lineNumber: number, result: SendResult) => {
    report.record(lineNumber, result)
    state.mustStop ||=
      STOPPING.has(result.status) || (result.status === 'forbidden' && USELESS_KEY.has(result.reason))
    onProgress(0)
    state.wake?.()
  }
  const sendOne = (text: Line) => {
    // Editors on Windows begin a file with a byte order mark.
    const parsed = parseLine(
      line === 1 && typeof text === 'string' ? text.replace(/^\uFEFF/, '') : text,
      MOST_LINE_BYTES
    )
    if (!parsed.ok) return report.recordUnreadable(line, parsed.message)
    const event = eventOfLine(parsed.value, parsed.text, defaults, lineId(key, line, parsed.text))
    if (!event.ok) return report.recordUnreadable(line, event.message)
    const at = line
    void client
      .send(event.event, event.payloadText === undefined ? {} : { payloadText: event.payloadText })
      .then((result) => settled(at, result))
  }
  /** Resolves with true if the rest must not be read. */
  const take = async (lines: readonly Line[]): Promise<boolean> => {
    for (const text of lines) {
      while (
        !state.mustStop && !signal.aborted &&
        (client.pending.events >= WINDOW_EVENTS || client.pending.bytes >= WINDOW_BYTES)
      ) {
        await new Promise<void>((resolve) => {
          state.wake = resolve
        })
      }
      if (state.mustStop || signal.aborted) {
        report.stoppedAtLine = line + 1
        return true
      }
      line++
      if (typeof text !== 'string' || text.trim() !== '') sendOne(text)
    }
    return false
  }
  const wakeUp = () => { state.wake?.() }
  signal.addEventListener('abort', wakeUp)
  try {
    let isOver = false
    for await (const chunk of chunks) {
      isOver = await take(splitter.push(chunk))
      onProgress(chunk.length)
      if (isOver) break
    }
    if (!isOver) await take(splitter.end())
    // An interrupt may also end the input.
    if (signal.aborted) report.stoppedAtLine ??= line + 1
  } finally {
    signal.removeEventListener('abort', wakeUp)
  }
  await client.flush()
}
