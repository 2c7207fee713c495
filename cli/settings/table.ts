import { leavesOf } from '../../services/settings/merge-patch.ts'
import { printable } from '../../services/terminal/printable.ts'
import type { Settings, SettingsChange } from './api.ts'

/** Lists each field of the settings, its value, and whether an operator has set it. */
export function settingsTable ({ version, settings, overrides }: Settings): string {
  const set = leavesOf(overrides)
  const rows = [...leavesOf(settings)].map(([field, value]) =>
    [printable(field), shown(value), set.has(field) ? 'set' : 'configured'] as const)
  const width = Math.max(...rows.map(([field]) => field.length))
  const valueWidth = Math.max(...rows.map(([, value]) => value.length))
  const lines = rows.map(([field, value, origin]) => [field.padEnd(width), value.padEnd(valueWidth), origin].join('  '))
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
