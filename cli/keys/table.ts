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
  readonly lastUsedAt?: string
}

const HEAD = ['id', 'organization', 'scopes', 'best', 'source', 'expires', 'last used', 'name']

/** Lays keys out in columns; the last one has no fixed width. */
export function keyTable (keys: readonly ShownKey[]): string {
  const rows = [HEAD, ...keys.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows.map((row) =>
    row.map((cell, column) => column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] as number)).join('  ')
  ).join('\n')
}

function cellsOf (
  { id, organizationId = '-', scopes, bestPriority = 1, source, expiresAt = '-', lastUsedAt = '-', name }: ShownKey
): string[] {
  const cells = [id, organizationId, scopes.join(','), String(bestPriority), source, expiresAt, lastUsedAt, name]
  return cells.map((cell) => printable(cell, ' '))
}
