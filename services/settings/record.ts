/*
 * The settings in Redis: one hash, which every reading of the queue compares with the knowledge of its process.
 *
 *   version   counts the changes; there is no hash before the first one
 *   at        when it was changed, milliseconds of the clock of Redis
 *   record    JSON: the overrides, their author, and the changed fields
 *
 * A list has the latest changes, latest first, each as `<version> <at> <record>`.
 */
import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'

const RecordSchema = Type.Object({
  overrides: Type.Record(Type.String(), Type.Unknown()),
  by: Type.String(),
  changes: Type.Array(Type.Object({
    field: Type.String(), from: Type.Unknown(), to: Type.Unknown(), isConfigured: Type.Boolean()
  })),
  rollbackTo: Type.Optional(Type.Integer({ minimum: 0 }))
})

const check = TypeCompiler.Compile(RecordSchema)

export type SettingsRecord = Static<typeof RecordSchema>

/** A change of the settings. */
export interface SettingsChange extends SettingsRecord {
  readonly version: number
  /** RFC 3339. */
  readonly at: string
}

/** The fields of the hash, all of them absent before the first change. */
export type SettingsFields = Readonly<Record<string, string>>

/**
 * Identifies the known settings, so Redis answers only different ones. After a failover, Redis may have another change
 * with a known version; its time differs.
 */
export function fingerprintOf ({ version = '', at = '', record = '' }: SettingsFields): string {
  return `${version}:${at}:${Buffer.byteLength(record)}`
}

/** The version of the hash; 0 for one that has none. The scripts of `lua/` tell a version in the same way. */
export function versionOf ({ version = '' }: SettingsFields): number {
  return /^[1-9]\d{0,14}$/.test(version) ? Number(version) : 0
}

/** The change that the hash holds; undefined if it cannot be read. */
export function decodeFields (fields: SettingsFields): SettingsChange | undefined {
  const version = versionOf(fields)
  const record = parse(fields.record ?? '')
  const at = new Date(Number(fields.at))
  return version === 0 || record === undefined || Number.isNaN(at.getTime())
    ? undefined
    : { version, at: at.toISOString(), ...record }
}

/** Returns the fields of the hash from an entry of the history. */
export function fieldsOfEntry (entry: string): SettingsFields {
  const [, version = '', at = '', record = ''] = /^(\d+) (\d+) (.*)$/s.exec(entry) ?? []
  return { version, at, record }
}

function parse (text: string): SettingsRecord | undefined {
  try {
    const record: unknown = JSON.parse(text)
    return check.Check(record) ? record : undefined
  } catch {
    return undefined
  }
}
