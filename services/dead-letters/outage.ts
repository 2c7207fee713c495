import { isReply } from '../queue/event-queue.ts'

/** Whether Redis is away or cannot take anything, rather than something being wrong here. */
export function isOutage (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isReply(error)) return /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|BUSY|NOAUTH)\b/.test(error.message)
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError || error instanceof ReferenceError)
}
