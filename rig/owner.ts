/** The owner of what is started, a test or a run of `withOwner`: what it is handed here ends with it, the latest first. */
export interface Owner {
  teardown: (end: () => unknown) => unknown
}

/** Runs a program that starts things, and ends all of them whatever becomes of it. */
export async function withOwner<T> (run: (owner: Owner) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = []
  try {
    return await run({ teardown: (end) => ends.push(end) })
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}
