/**
 * Returns what was saved if it has exactly the shape of the fresh state and only finite numbers, and otherwise the
 * fresh state. Broken state costs what was learned; it never prevents a start.
 */
export function restored<State> (saved: unknown, fresh: State): State {
  return isLike(saved, fresh) ? structuredClone(saved) as State : fresh
}

function isLike (saved: unknown, fresh: unknown): boolean {
  if (typeof fresh === 'number') return typeof saved === 'number' && Number.isFinite(saved)
  if (typeof saved !== 'object' || saved === null || typeof fresh !== 'object' || fresh === null) return false
  if (Array.isArray(saved) !== Array.isArray(fresh)) return false
  const names = Object.keys(fresh)
  if (Object.keys(saved).length !== names.length) return false
  return names.every((name) => Object.hasOwn(saved, name) && isLike(saved[name as never], fresh[name as never]))
}

/** Returns so many zeros. */
export function zeros (length: number): number[] {
  return Array.from({ length }, () => 0)
}
