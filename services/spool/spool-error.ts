/** The reasons for which the spool refuses a batch: there is no room for it, or the folder cannot be written. */
export const SPOOL_REFUSALS = ['spool-full', 'spool-unusable'] as const

export type SpoolRefusal = (typeof SPOOL_REFUSALS)[number]

/** Thrown for a batch that is not in the spool, with the reason. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError'
  readonly code: SpoolRefusal

  constructor (code: SpoolRefusal, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const OUT_OF_SPACE: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/** Turns an error of the file system into a refusal; any other error is a bug and is returned unchanged. */
export function asRefusal (error: unknown, dir: string): unknown {
  const code = errorCode(error)
  if (error instanceof SpoolError || code === undefined) return error
  return OUT_OF_SPACE.has(code)
    ? new SpoolError('spool-full', `no space left for the spool ${dir}: ${code}`, { cause: error })
    : new SpoolError('spool-unusable', `the spool ${dir} cannot be used: ${code}`, { cause: error })
}

/** The code of an error of the operating system, such as ENOENT; undefined for any other error. */
export function errorCode (error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errno' in error)) return undefined
  return (error as NodeJS.ErrnoException).code
}
