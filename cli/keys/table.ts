import { printable } from '../../services/terminal/printable.ts'

/** A key as the service lists it. */
export interface ShownKey {
  readonly id: string
  readonly name: string
  readonly organizationId?: string
  readonly scopes: readonly string[]
  readonly bestPriority?: number
  readonly types?: readonly string[]
  readonly source: string
  readonly expiresAt?: string
  /** Until then the secret before the last rotation counts too. */
  readonly formerUntil?: string
  readonly lastUsedAt?: string
}

const HEAD = [
  'id', 'organization', 'scopes', 'best', 'types', 'source', 'expires', 'former secret until', 'last used', 'name'
]

/** Characters of the types of a key; the rest is a number. */
const MOST_TYPE_CHARACTERS = 32

/** Lays keys out in columns; the last one has no fixed width. */
export function keyTable (keys: readonly ShownKey[]): string {
  const rows = [HEAD, ...keys.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows.map((row) =>
    row.map((cell, column) => column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] as number)).join('  ')
  ).join('\n')
}

function cellsOf ({
  id, organizationId = '-', scopes, bestPriority = 1, types, source, expiresAt = '-', formerUntil = '-', lastUsedAt = '-',
  name
}: ShownKey): string[] {
  const cells = [
    id, organizationId, scopes.join(','), String(bestPriority), types === undefined ? 'all' : shortened(types), source,
    expiresAt, formerUntil, lastUsedAt, name
  ]
  return cells.map((cell) => printable(cell, ' '))
}

/** Names the first types, and counts the others. */
function shortened (types: readonly string[]): string {
  const shown: string[] = []
  for (const type of types) {
    if (shown.length > 0 && [...shown, type].join().length > MOST_TYPE_CHARACTERS) break
    shown.push(type.length > MOST_TYPE_CHARACTERS ? `${type.slice(0, MOST_TYPE_CHARACTERS)}…` : type)
  }
  return shown.join() + (shown.length < types.length ? `, ${types.length - shown.length} more` : '')
}
