import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/** Invalid flags; the message names each of them. */
export class OptionError extends Error {
  readonly code = 'bad-option'
}

/** The bounds of a number on the command line. */
export interface NumberBounds {
  readonly low: number
  readonly high: number
  readonly isWhole?: boolean
}

/** Reads a command line and collects all its problems, to report them at once. */
export class OptionReader<const Flags extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ args: string[], options: Flags, strict: true }>>['values']
  readonly problems: string[] = []

  /** @throws OptionError if a flag is unknown or lacks its value */
  constructor (args: readonly string[], flags: Flags) {
    try {
      this.values =
        parseArgs<{ args: string[], options: Flags, strict: true }>({ args: [...args], options: flags, strict: true })
          .values
    } catch (error) {
      // Node's messages name the flag: Unknown option '--sed'.
      if (error instanceof TypeError)
        throw new OptionError(`${error.message}\nthe flags are ${
          Object.keys(flags).map((flag) => `--${flag}`).join(', ')
        }`)
      throw error
    }
  }

  /** Returns the text of a flag as a number; records a problem and returns the lowest allowed one if it is invalid. */
  number (flag: keyof Flags & string, text: string, { low, high, isWhole = false }: NumberBounds): number {
    const value = text.trim() === '' ? NaN : Number(text)
    if (value >= low && value <= high && (!isWhole || Number.isInteger(value))) return value
    this.problems
      .push(`--${flag}: expected ${isWhole ? 'an integer' : 'a number'} from ${low} to ${high}, got ${
        text || 'nothing'
      }`)
    return low
  }

  /** Returns the text of a flag as one of these; records a problem and returns the first if it is none of them. */
  choice<const Choice extends string> (
    flag: keyof Flags & string,
    text: string,
    choices: readonly [Choice, ...Choice[]]
  ): Choice {
    const chosen = choices.find((choice) => choice === text)
    if (chosen === undefined)
      this.problems.push(`--${flag}: expected one of ${choices.join(', ')}, got ${text || 'nothing'}`)
    return chosen ?? choices[0]
  }

  /** Returns the names in the text of a flag, in the order of `known`; records a problem for each unknown name. */
  names (
    flag: keyof Flags & string,
    noun: string,
    text: string,
    known: readonly string[],
    others = ''
  ): readonly string[] {
    const named = text.split(',').map((name) => name.trim())
    for (const name of named) {
      if (!known.includes(name))
        this.problems.push(`--${flag}: there is no ${noun} ${name || '(nothing)'}; use ${known.join(', ')}${others}`)
    }
    return known.filter((name) => named.includes(name))
  }

  /** @throws OptionError that names every flag that is wrong */
  check (): void {
    if (this.problems.length > 0) throw new OptionError(this.problems.join('\n'))
  }
}

/** Prints the problems of the command line and ends the process with 2. */
export function orExit<T> (read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}

/** Reads the command line of this process, or ends the process if it is invalid. */
export function readOptions<const Flags extends ParseArgsOptionsConfig, Options> (
  flags: Flags,
  read: (reader: OptionReader<Flags>) => Options
): Options {
  return orExit(() => {
    const reader = new OptionReader(process.argv.slice(2), flags)
    const options = read(reader)
    reader.check()
    return options
  })
}
