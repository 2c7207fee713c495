import type { TSchema } from '@sinclair/typebox'
import { readFileSync, writeFileSync } from 'node:fs'
import { allowedValues } from '../../services/config/allowed-values.ts'
import { PRESETS } from '../../services/config/presets.ts'
import { ConfigSchema } from '../../services/config/schema.ts'
import { NEEDED_COMMANDS } from '../../services/redis/needed-commands.ts'

export const CONFIG_DOCUMENT = new URL('../../docs/BACKPRESSURE-CONFIG.md', import.meta.url)

/** Most characters of a line of code in the document, without the backslash at its end. */
const LONGEST_LINE = 150

/**
 * The text of docs/BACKPRESSURE-CONFIG.md with its tables as the schema has them, and with the needed commands. Run
 * as a program it writes that file.
 */
export function withTables (text: string): string {
  return fill(fill(fill(text, 'presets', presetTable()), 'commands', commandList()), 'keys', keyTable())
}

function fill (text: string, name: string, table: string): string {
  const section = new RegExp(`(<!-- begin ${name}, generated -->\n)[^]*(<!-- end ${name} -->)`)
  if (!section.test(text)) throw new Error(`no place for the table of ${name}`)
  return text.replace(section, (_, begin: string, end: string) => `${begin}${table}${end}`)
}

function keyTable (): string {
  return table(
    ['key', 'default', 'allowed', 'meaning'],
    Object.entries<TSchema>(ConfigSchema.properties).map(([key, schema]) => [
      `\`${key}\``,
      schema.default === undefined ? 'unset' : `\`${schema.default}\``,
      allowedValues(schema),
      schema.description ?? ''
    ])
  )
}

function presetTable (): string {
  return table(
    ['preset', 'warning', 'critical', 'recovery'],
    Object.entries(PRESETS).map(([name, thresholds]) => [
      `\`${name}\``,
      ...[thresholds.QUEUE_WARNING_THRESHOLD, thresholds.QUEUE_CRITICAL_THRESHOLD, thresholds.QUEUE_RECOVERY_THRESHOLD]
        .map((events) => events.toLocaleString('en'))
    ])
  )
}

/** The shortest list of rights, as one command over several lines. */
function commandList (): string {
  const words = 'ACL SETUSER spillway-minimal reset on >password ~{spillway:* &{spillway:* -@all'.split(' ')
  const lines = ['']
  for (const word of [...words, ...NEEDED_COMMANDS.map((name) => `+${name}`)]) {
    if (`${lines.at(-1)} ${word}`.length > LONGEST_LINE) lines.push(' ')
    lines[lines.length - 1] += lines.length === 1 && lines[0] === '' ? word : ` ${word}`
  }
  return `\`\`\`\n${lines.join(' \\\n')}\n\`\`\`\n`
}

function table (head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return [head, head.map(() => '---'), ...rows].map(line).join('')
}

if (import.meta.main) writeFileSync(CONFIG_DOCUMENT, withTables(readFileSync(CONFIG_DOCUMENT, 'utf8')))
