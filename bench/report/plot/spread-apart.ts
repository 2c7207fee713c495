/**
 * Moves positions on a line apart until neighbouring ones differ by `gap`: none before `first`, and none after `last`
 * if there is room for all. Their order stays, and positions with enough room do not move.
 */
export function spreadApart (wanted: readonly number[], gap: number, first: number, last: number): number[] {
  const places = [...wanted]
  const order = wanted.map((_, index) => index).toSorted((a, b) =>
    (wanted[a] as number) - (wanted[b] as number) || a - b
  )
  let lowest = first
  for (const index of order) {
    places[index] = Math.max(lowest, places[index] as number)
    lowest = places[index] + gap
  }
  let highest = Math.max(last, first + gap * (wanted.length - 1))
  for (const index of order.toReversed()) {
    places[index] = Math.min(highest, places[index] as number)
    highest = places[index] - gap
  }
  return places
}
