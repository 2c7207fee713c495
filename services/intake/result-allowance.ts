import type { FieldError } from '../event/field-error.ts'
import type { ByteBudget } from './byte-budget.ts'

/** Memory of a result, and of an error in it, beside the texts. */
const RESULT_OVERHEAD_BYTES = 256
const ERROR_OVERHEAD_BYTES = 64

/** Characters of errors in one answer: a few for each event of a long array. */
const MOST_ERROR_CHARACTERS = 1_048_576

/** The parts of a result that may be large. */
interface LargeParts {
  readonly id?: string
  readonly errors?: readonly FieldError[]
}

export interface ResultLimits {
  readonly mostResults: number
  /** Most bytes of results; no limit if absent. */
  readonly mostBytes?: number
  /** The budget that the results of all reports share. */
  readonly shared?: ByteBudget
}

/** Bounds the number and the memory of the results in one report, and of their errors. */
export class ResultAllowance {
  readonly #limits: ResultLimits
  #results = 0
  #bytes = 0
  #errorCharacters = 0
  #isReleased = false

  constructor (limits: ResultLimits) {
    this.#limits = limits
  }

  /** Takes room for one more result; false if there is none. */
  take (result: LargeParts): boolean {
    const { mostResults, mostBytes = Infinity, shared } = this.#limits
    const bytes = bytesOf(result)
    // Nobody will read the results of a stream that broke off.
    if (this.#isReleased) return false
    if (this.#results >= mostResults || this.#bytes + bytes > mostBytes) return false
    if (shared !== undefined && !shared.take(bytes)) return false
    this.#results++
    this.#bytes += bytes
    return true
  }

  /** Takes room for its errors; false if there is none. */
  takeErrors (errors: readonly FieldError[]): boolean {
    this.#errorCharacters += charactersOf(errors)
    return this.#errorCharacters <= MOST_ERROR_CHARACTERS
  }

  /** Returns the shared bytes and takes no more: the report is complete, or never will be. */
  release (): void {
    this.#isReleased = true
    this.#limits.shared?.give(this.#bytes)
    this.#bytes = 0
  }
}

function bytesOf ({ id = '', errors = [] }: LargeParts): number {
  return RESULT_OVERHEAD_BYTES + 2 * (id.length + charactersOf(errors)) + ERROR_OVERHEAD_BYTES * errors.length
}

function charactersOf (errors: readonly FieldError[]): number {
  return errors.reduce((characters, { field, message }) => characters + field.length + message.length, 0)
}
