/** An error that Redis answered, such as OOM or READONLY: trying again at once would only get it again. */
export function isReply (error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** A command that never left this process. */
export function isUnsent (error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable")
}

/** Whether Redis is away or cannot take anything, rather than something being wrong here. */
export function isOutage (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isReply(error)) return /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|BUSY|NOAUTH)\b/.test(error.message)
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError || error instanceof ReferenceError)
}
