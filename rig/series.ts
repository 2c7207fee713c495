import { mulberry32, type Random } from './random.ts'

/** A series of counts, the same from the same seed. */
export type Family = (steps: number, seed: number) => number[]

/** A draw from the standard normal distribution (Box and Muller). */
export function normal (random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A count of independent events, by its normal approximation. */
export function count (random: Random, mean: number): number {
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
}

function family (next: (random: Random) => (step: number) => number): Family {
  return (steps, seed) => {
    const step = next(mulberry32(seed))
    return Array.from({ length: steps }, (_, index) => step(index))
  }
}

/** Series whose next change nothing foretells. */
export const WALKS: Record<string, Family> = {
  'a random walk': family((random) => {
    let level = 1_000
    return () => level = Math.abs(level + 5 * normal(random))
  }),
  'a random walk near 0': family((random) => {
    let level = 100
    return () => level = Math.abs(level + 20 * normal(random))
  }),
  'a walk by shares of itself': family((random) => {
    let log = Math.log(100)
    return () => Math.exp(log = Math.max(0, Math.min(12, log + 0.02 * normal(random))))
  }),
  'a walk with leaps': family((random) => {
    let level = 1_000
    return () => level = Math.abs(level + Math.tan(3 * (random() - 0.5)))
  })
}

/** Series of counts with a level, a wave, steps, bursts, a ramp, a beat. */
export const COUNTS: Record<string, Family> = {
  'a level': family((random) => () => count(random, 50)),
  'a wave': family((random) => (step) => count(random, 100 + 60 * Math.sin(step / 100))),
  'steps': family((random) => {
    let level = 50
    return () => {
      if (random() < 0.003) level = 5 + 200 * random()
      return count(random, level)
    }
  }),
  'bursts': family((random) => {
    let burst = 0
    return () => {
      burst = random() < 0.002 ? 300 : burst * 0.97
      return count(random, 30 + burst)
    }
  }),
  'a ramp': family((random) => (step) => count(random, 10 + step / 20)),
  'a beat': family((random) => (step) => count(random, step % 60 === 0 ? 300 : 20))
}
