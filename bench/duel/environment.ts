import { OptionError } from '../../rig/options.ts'

/**
 * Reads environment keys from `NAME=value NAME=value`.
 *
 * @throws OptionError that names a part without a value
 */
export function environment (text: string): Record<string, string> {
  return Object.fromEntries(text.split(' ').filter((part) => part !== '').map((part) => {
    const at = part.indexOf('=')
    if (at < 1) throw new OptionError(`--with: expected NAME=value, got ${part}`)
    return [part.slice(0, at), part.slice(at + 1)]
  }))
}
