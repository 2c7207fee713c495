import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

/** Flags that cannot be understood; the message names each of them. */
export class OptionError extends Error {
  readonly code = 'bad-option'
}

/** The bounds of a number on the command line. */
export interface NumberBounds {
  readonly low: number
  readonly high: number
  readonly isWhole?: boolean
}

/** Reads a command line and collects all that is wrong with it, to report everything at once. */
export class OptionReader<const Flags extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ args: string[], options: Flags, strict: true }>>['values']
  readonly problems: string[] = []

  /** @throws OptionError when there is no such flag, or one lacks its value */
  constructor (args: readonly string[], flags: Flags) {
    try {
      this.values = parseArgs<{ args: string[], options: Flags, strict: true }>({ args: [...args], options: flags, strict: true }).values
    } catch (error) {
      // Node's messages name the flag: Unknown option '--sed'.
      if (error instanceof TypeError) throw new OptionError(`${error.message}\nthe flags are ${Object.keys(flags).map((flag) => `--${flag}`).join(', ')}`)
      throw error
    }
  }

  /** The text of a flag as a number; the lowest there may be where it is none, and a problem. */
  number (flag: keyof Flags & string, text: string, { low, high, isWhole = false }: NumberBounds): number {
    const value = text.trim() === '' ? NaN : Number(text)
    if (value >= low && value <= high && (!isWhole || Number.isInteger(value))) return value
    this.problems.push(`--${flag}: expected ${isWhole ? 'an integer' : 'a number'} from ${low} to ${high}, got ${text || 'nothing'}`)
    return low
  }

  /** The text of a flag as one of these; the first of them if it is none, and a problem. */
  choice<const Choice extends string> (flag: keyof Flags & string, text: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const chosen = choices.find((choice) => choice === text)
    if (chosen === undefined) this.problems.push(`--${flag}: expected one of ${choices.join(', ')}, got ${text || 'nothing'}`)
    return chosen ?? choices[0]
  }

  /** The names in the text of a flag, in the order of `known`; one that is not known is a problem. */
  names (flag: keyof Flags & string, noun: string, text: string, known: readonly string[], others = ''): readonly string[] {
    const named = text.split(',').map((name) => name.trim())
    for (const name of named) {
      if (!known.includes(name)) this.problems.push(`--${flag}: there is no ${noun} ${name || '(nothing)'}; there are ${known.join(', ')}${others}`)
    }
    return known.filter((name) => named.includes(name))
  }

  /** @throws OptionError that names every flag that is wrong */
  check (): void {
    if (this.problems.length > 0) throw new OptionError(this.problems.join('\n'))
  }
}

/** Ends the process with 2 and the reason when the command line cannot be understood. */
export function orExit<T> (read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}

/** Reads the command line of this process, or ends it. */
export function readOptions<const Flags extends ParseArgsOptionsConfig, Options> (flags: Flags, read: (reader: OptionReader<Flags>) => Options): Options {
  return orExit(() => {
    const reader = new OptionReader(process.argv.slice(2), flags)
    const options = read(reader)
    reader.check()
    return options
  })
}
