/** An error that Redis answered, such as OOM or READONLY: trying again at once would only get it again. */
export function isReply (error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** A command that never left this process. */
export function isUnsent (error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable")
}

/** An answer of a Redis that is there and takes no write: a replica, one whose disk fails, one that loads its data. */
export function isWriteRefusal (error: unknown): boolean {
  return isReply(error) && isOutage(error)
}

/** Whether Redis is away or cannot take anything, rather than something being wrong here. */
export function isOutage (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isReply(error)) return /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|BUSY|NOAUTH|EXECABORT)\b/.test(error.message)
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError || error instanceof ReferenceError)
}
