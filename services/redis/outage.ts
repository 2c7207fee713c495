/** Whether Redis answered with an error, such as OOM or READONLY: an immediate retry would fail in the same way. */
export function isReply (error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Whether a command never left this process. */
export function isUnsent (error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable")
}

/** Whether Redis has no memory for a write. */
export function isOutOfMemory (error: unknown): boolean {
  return isReply(error) && (error as Error).message.startsWith('OOM')
}

/** Whether Redis is reachable and refuses writes: it is a replica, its disk fails, or it loads its data. */
export function isWriteRefusal (error: unknown): boolean {
  return isReply(error) && isOutage(error)
}

/** Whether Redis is unreachable or cannot work, as opposed to a bug of this process. */
export function isOutage (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isReply(error))
    return /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|BUSY|NOAUTH|EXECABORT)\b/
      .test(error.message)
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError ||
    error instanceof ReferenceError)
}
