/*
 * Max-min fairness by water-filling. Each organization has a column as wide as its weight, and needs water up to its
 * demand. Water for a capacity is filled in; a column that is full takes no more, and the others share what is left:
 *
 *   level θ  ┄┄┄┄┄┄┄┄┄┌───┐┄┄┄┄┄┄┄┄      θ solves  Σ min(demand, weight x θ) = capacity
 *            ┌──┐     │███│  ┌──┐
 *            │██│ ┌─┐ │███│  │██│         an organization whose demand is below weight x θ gets all of it,
 *            └──┘ └─┘ └───┘  └──┘         and another one gets weight x θ
 *
 * Kubernetes shares the seats of its priority levels in this way (API Priority and Fairness).
 */

/** The demand and the weight of one organization. */
export interface Column {
  /** Per second. */
  readonly demand: number
  /** Above 0. */
  readonly weight: number
}

/** Returns the level: what an organization of weight 1 gets at most. Infinity if there is enough for all demands. */
export function waterLevel (columns: readonly Column[], capacity: number): number {
  const ascending = columns.toSorted((one, other) => one.demand / one.weight - other.demand / other.weight)
  let left = Math.max(0, capacity)
  let weight = ascending.reduce((total, column) => total + column.weight, 0)
  for (const column of ascending) {
    const level = left / weight
    if (column.demand > column.weight * level) return level
    left -= column.demand
    weight -= column.weight
  }
  return Infinity
}

/** Returns the share of a demand that is above its share of the water. */
export function sharedOut ({ demand, weight }: Column, level: number): number {
  return demand <= weight * level ? 0 : 1 - weight * level / demand
}
