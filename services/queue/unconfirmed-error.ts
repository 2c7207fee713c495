/** Thrown for a batch in doubt: it may be stored, or may be stored later. */
export class UnconfirmedError extends Error {
  readonly code = 'unconfirmed'

  constructor (cause: unknown) {
    super(
      `Redis did not confirm the batch, which may be stored now or later: ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      { cause }
    )
  }
}

/**
 * Resolves when all parts of a batch are stored. If one part failed and another is or may be stored, the batch is in
 * doubt.
 */
export async function allOrInDoubt<T> (parts: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(parts)
  const failures = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason as unknown)
  const inDoubt = failures.find((reason) => reason instanceof UnconfirmedError)
  if (inDoubt !== undefined) throw inDoubt
  if (failures.length > 0) throw failures.length < ends.length ? new UnconfirmedError(failures[0]) : failures[0]
  return ends.map((end) => (end as PromiseFulfilledResult<T>).value)
}
