import { styleText } from 'node:util'

export type Colour = 'red' | 'yellow' | 'green' | 'cyan' | 'dim' | 'bold'

export type Painter = (colour: Colour, text: string) => string

/** Colours text, or returns it unchanged. */
export function painter (isColoured: boolean): Painter {
  return isColoured ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** Returns a bar of `width` characters that is full to a share from 0 to 1. */
export function bar (share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
  const full = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] as string)
  return full + '░'.repeat(width - [...full].length)
}

/** Formats a number as an integer with commas. */
export function count (value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Formats events per second, with one decimal below ten. */
export function rate (value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 })
}

/** Formats seconds for people. */
export function duration (seconds: number): string {
  if (seconds < 1) return 'less than 1 s'
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3_600).toFixed(1)} h`
}

/** Formats an estimate of seconds for people. */
export function approximately (seconds: number): string {
  return seconds < 1 ? duration(seconds) : `about ${duration(seconds)}`
}

/** Formats bytes for people. */
export function size (bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${power === 0 ? bytes : (bytes / 1_024 ** power).toFixed(1)} ${units[power]}`
}
