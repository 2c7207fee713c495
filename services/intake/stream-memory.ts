import { ByteBudget } from './byte-budget.ts'
import { LongLines } from './long-line.ts'

/** Most bytes of all streams that are offered and not yet confirmed; at 10 ms a batch that allows 3 GB a second. */
const WINDOW_BYTES = 33_554_432

/** Most bytes of results for the answers to all streams. */
const RESULT_BYTES = 33_554_432

/** Most bytes of long unfinished lines of all streams. */
const LINE_BYTES = 33_554_432

/** Most bytes that the decoders of compressed streams keep to copy from: 2,048 of gzip, 8 of zstd or 4 of br. */
const DECODER_BYTES = 67_108_864

/** The memory of all streams of a process: a thousand streams at their own bounds would take too much. */
export class StreamMemory {
  readonly window: ByteBudget
  readonly results: ByteBudget
  readonly lines: LongLines
  readonly decoders: ByteBudget

  constructor (
    {
      window = WINDOW_BYTES, results = RESULT_BYTES, lines = LINE_BYTES, decoders = DECODER_BYTES,
      now = () => performance.now()
    } = {}
  ) {
    this.window = new ByteBudget(window)
    this.results = new ByteBudget(results)
    this.lines = new LongLines(lines, now)
    this.decoders = new ByteBudget(decoders)
  }
}
