/** A test or a run of `withOwner`. Its teardowns run at its end, the latest first. */
export interface Owner {
  teardown: (end: () => unknown) => unknown
}

/** Runs a program and all its teardowns, even if the program fails. */
export async function withOwner<T> (run: (owner: Owner) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = []
  try {
    return await run({ teardown: (end) => ends.push(end) })
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}
