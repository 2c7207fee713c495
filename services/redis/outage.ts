/** Whether Redis answered with an error, such as OOM or READONLY: an immediate retry would fail in the same way. */
export function isReply (error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Errors of a Redis Cluster: it moves the keys, or the master that owns them has changed or has no majority. */
const CLUSTER_ERRORS = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|UNBLOCKED)\b/
/** The same, from a command within a script. */
const CLUSTER_ERRORS_IN_SCRIPT = /non local key in a cluster node|while the cluster is down/

/** Whether another master of a Redis Cluster has the keys of a command: it was not executed here. */
export function isMoved (error: unknown): boolean {
  return isReply(error) && (error as Error).message.startsWith('MOVED ')
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
  if (isReply(error)) {
    return [
      /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|NOREPLICAS|BUSY|NOAUTH|EXECABORT)\b/, CLUSTER_ERRORS,
      CLUSTER_ERRORS_IN_SCRIPT
    ].some((pattern) => pattern.test(error.message))
  }
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError ||
    error instanceof ReferenceError)
}
