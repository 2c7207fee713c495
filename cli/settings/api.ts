import { fieldOf, readPath } from '../../services/settings/field-path.ts'
import { leavesOf } from '../../services/settings/merge-patch.ts'
import { UsageError } from '../exit-code.ts'
import type { ServiceApi } from '../service-api.ts'

const SETTINGS = 'api/v1/settings'
const SHADOW = 'shadow'

export interface Settings {
  readonly version: number
  readonly settings: Readonly<Record<string, unknown>>
  readonly overrides: Readonly<Record<string, unknown>>
}

export interface SettingsChange {
  readonly version: number
  /** RFC 3339. */
  readonly at: string
  readonly by: string
  readonly changes: readonly {
    readonly field: string, readonly from: unknown, readonly to: unknown, readonly isConfigured: boolean
  }[]
  readonly rollbackTo?: number
}

/** Gets the settings in force. */
export function readSettings (service: ServiceApi): Promise<Settings> {
  return service.ask('GET', SETTINGS)
}

/** Applies a merge patch; with a version, only if the settings have that version. */
export function changeSettings (service: ServiceApi, patch: object, version?: number): Promise<Settings> {
  return service.ask('PATCH', SETTINGS, patch, [], ifMatch(version))
}

/** Gets the latest changes, newest first. */
export async function readHistory (service: ServiceApi): Promise<readonly SettingsChange[]> {
  return (await service.ask<{ changes: readonly SettingsChange[] }>('GET', `${SETTINGS}/history`)).changes
}

/** Restores the settings of an earlier version. */
export function rollBack (service: ServiceApi, to: number, version?: number): Promise<Settings> {
  return service.ask('POST', `${SETTINGS}/rollback`, { version: to }, [], ifMatch(version))
}

/** The names of the longest path of an organization: quotas, organizations, the organization, one of its values. */
const MOST_NAMES_OF_QUOTA = 4

/**
 * Makes a merge patch from assignments such as `backpressure.thresholds.warning=2000`. A value gets the type of the
 * current value, one of a shadow that of the setting that it stands beside; null returns the field to its configured
 * value.
 *
 * @throws UsageError for an assignment without a field or a value
 */
export function patchOf (assignments: readonly string[], { settings }: Settings): Record<string, unknown> {
  const types = new Map([...leavesOf(settings)].map(([field, value]) => [field, typeof value]))
  const patch = withoutPrototype()
  for (const assignment of assignments) {
    const { names, text } = parsed(assignment)
    const beside = names[0] === SHADOW ? names.slice(1) : names
    checkOrganization(beside)
    assign(patch, names, valueOf(text, types.get(beside.reduce(fieldOf, ''))))
  }
  return patch
}

function parsed (assignment: string): { names: readonly string[], text: string } {
  const { names, length } = readPath(assignment) ?? { names: [], length: 0 }
  const text = assignment.slice(length + 1)
  if (names.length > 0 && assignment[length] === '=' && text !== '') return { names, text }
  throw new UsageError(`${JSON.stringify(assignment)} is not an assignment; write field=value`)
}

/** The shell removes quotes, and the service would only report an unknown field. */
function checkOrganization (names: readonly string[]): void {
  if (names.length <= MOST_NAMES_OF_QUOTA || names[0] !== 'quotas' || names[1] !== 'organizations') return
  const organization = names.slice(2, -1).join('.')
  const field = ['quotas', 'organizations', organization, names.at(-1) as string].reduce(fieldOf, '')
  throw new UsageError(`${names.join('.')} has too many names; quote an organization with a dot: '${field}=…'`)
}

function valueOf (text: string, type: string | undefined): unknown {
  if (text === 'null') return null
  if (type === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function assign (target: Record<string, unknown>, path: readonly string[], value: unknown, at = ''): void {
  const [name = '', ...rest] = path
  const field = fieldOf(at, name)
  if (rest.length === 0) {
    target[name] = value
    return
  }
  const member = Object.hasOwn(target, name) ? target[name] : target[name] = withoutPrototype()
  if (typeof member !== 'object' || member === null) {
    throw new UsageError(`${field} gets both a value and a member; remove one of them`)
  }
  assign(member as Record<string, unknown>, rest, value, field)
}

/** In any other object a member `__proto__` gets lost, and the service could not refuse it. */
function withoutPrototype (): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}

function ifMatch (version: number | undefined): Record<string, string> {
  return version === undefined ? {} : { 'if-match': `"${version}"` }
}
