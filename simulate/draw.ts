/*
 * Random numbers that depend on a seed and an index alone. The same event has the same priority and the same service
 * time in every run, whatever was drawn for others before it (common random numbers).
 */

const GOLDEN = 0x9e3779b1
const FNV_PRIME = 0x01000193

/** The seed of one use of randomness, so that two uses never draw the same numbers. */
export function seedOf (seed: number, use: string): number {
  let mixed = mix(seed + 1)
  for (const character of use) mixed = Math.imul(mixed ^ (character.codePointAt(0) as number), FNV_PRIME)
  return mix(mixed)
}

/** The seed of one member of a sequence that draws numbers of its own, such as a bin of arrivals. */
export function seedAt (seed: number, index: number): number {
  return mix(mix(Math.imul(index, GOLDEN) + seed) ^ FNV_PRIME)
}

/** Uniform in (0, 1): the number at an index of the sequence that a seed stands for. */
export function draw (seed: number, index: number): number {
  return (mix(mix(Math.imul(index, GOLDEN) ^ seed) + seed) + 0.5) / 2 ** 32
}

/** Exponential with mean 1. */
export function drawExponential (seed: number, index: number): number {
  return -Math.log(draw(seed, index))
}

/** The finalizer of MurmurHash3: every bit of the input reaches every bit of the result. */
function mix (value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
