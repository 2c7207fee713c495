import { isRecord } from '../event/record.ts'
import { fieldOf } from './field-path.ts'

/**
 * Applies a JSON Merge Patch (RFC 7396) to a document: `null` removes a member, objects are merged, everything else is
 * replaced.
 */
export function mergePatch (document: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const members = new Map(isRecord(document) ? Object.entries(document) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name)
    else members.set(name, mergePatch(members.get(name), value))
  }
  return Object.fromEntries(members)
}

/** Removes objects without members, at any depth, so equal settings have equal texts. */
export function withoutEmpty (document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).flatMap(([name, value]) => {
    const kept = isRecord(value) ? withoutEmpty(value) : value
    return isRecord(kept) && Object.keys(kept).length === 0 ? [] : [[name, kept]]
  }))
}

/** Returns the values of a document that are not objects, by their paths. */
export function leavesOf (document: unknown, path = ''): Map<string, unknown> {
  if (!isRecord(document)) return new Map([[path, document]])
  return new Map(Object.entries(document).flatMap(([name, value]) => [...leavesOf(value, fieldOf(path, name))]))
}
