import { leavesOf } from '../../services/settings/merge-patch.ts'
import { printable } from '../../services/terminal/printable.ts'
import type { Settings, SettingsChange } from './api.ts'

/** Lists each field of the settings, its value, and whether an operator has set it. */
export function settingsTable ({ version, settings, overrides }: Settings): string {
  const set = leavesOf(overrides)
  const fields = [...leavesOf(settings)]
  const width = Math.max(...fields.map(([field]) => field.length))
  const values = fields.map(([, value]) => shown(value))
  const valueWidth = Math.max(...values.map(({ length }) => length))
  const lines = fields.map(([field], index) => [
    printable(field.padEnd(width)), values[index]?.padEnd(valueWidth), set.has(field) ? 'set' : 'configured'
  ].join('  '))
  return [`version ${version}`, ...lines].join('\n')
}

/** Describes a change in one line. */
export function changeLine ({ version, at, by, changes, rollbackTo }: SettingsChange): string {
  const fields = changes.map(({ field, from, to, isConfigured }) =>
    `${field} ${shown(from)} -> ${shown(to)}${isConfigured ? ' (configured)' : ''}`)
  const what = [...rollbackTo === undefined ? [] : [`rollback to ${rollbackTo}`], ...fields].join(', ')
  return printable(`${version}  ${at}  ${by}  ${what}`, ' ')
}

function shown (value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}
