import { ByteBudget } from './byte-budget.ts'
import { LongLines } from './long-line.ts'

/** Most bytes offered and not yet confirmed, all streams together; at 10 ms a batch that is 3 GB a second. */
const WINDOW_BYTES = 33_554_432

/** Most bytes of results that are kept for the answers to all streams. */
const RESULT_BYTES = 33_554_432

/** Most bytes of lines that are long and have not ended, of all streams. */
const LINE_BYTES = 33_554_432

/** The memory of all streams of a process: a thousand at their own bounds would be too much. */
export class StreamMemory {
  readonly window: ByteBudget
  readonly results: ByteBudget
  readonly lines: LongLines

  constructor ({ window = WINDOW_BYTES, results = RESULT_BYTES, lines = LINE_BYTES, now = () => performance.now() } = {}) {
    this.window = new ByteBudget(window)
    this.results = new ByteBudget(results)
    this.lines = new LongLines(lines, now)
  }
}
