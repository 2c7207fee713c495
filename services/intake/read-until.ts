/** Replaces a chunk when the stream has to stop. */
export const STOPPED = Symbol('stopped')

/** Yields each chunk once the stream may continue, and STOPPED immediately when it has to stop. */
export async function * readUntil (
  stopped: AbortSignal, chunks: AsyncIterable<Buffer>, pace: () => Promise<void>
): AsyncGenerator<Buffer | typeof STOPPED> {
  const iterator = chunks[Symbol.asyncIterator]()
  let interrupt: (() => void) | undefined
  const stop = () => interrupt?.()
  stopped.addEventListener('abort', stop, { once: true })
  const read = async () => {
    const result = await iterator.next()
    await pace()
    return result
  }
  try {
    while (!stopped.aborted) {
      const next = await new Promise<IteratorResult<Buffer> | undefined>((resolve, reject) => {
        interrupt = () => resolve(undefined)
        read().then(resolve, reject)
      })
      if (next === undefined) break
      if (next.done === true) return
      yield next.value
    }
    yield STOPPED
  } finally {
    stopped.removeEventListener('abort', stop)
  }
}

/** Resolves with whether the wait ends before the signal is aborted. */
export async function settlesBefore (stopped: AbortSignal, wait: Promise<void>): Promise<boolean> {
  if (stopped.aborted) return false
  const stopping = Promise.withResolvers<void>()
  const stop = () => stopping.resolve()
  stopped.addEventListener('abort', stop, { once: true })
  try {
    await Promise.race([wait, stopping.promise])
    return !stopped.aborted
  } finally {
    stopped.removeEventListener('abort', stop)
  }
}
