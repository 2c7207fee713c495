import { InvalidArgumentError } from 'commander'

/** Reads a number of seconds above 0. */
export function seconds (text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0) || value > 1e6)
    throw new InvalidArgumentError('Expected a number of seconds above 0.')
  return value
}

/** Reads a whole number within bounds. */
export function integer (least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
    return value
  }
}

/** Collects the values of a repeatable option. */
export function collect (text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}
