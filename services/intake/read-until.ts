/** Comes in the place of a chunk when a stream is to be read no further. */
export const STOPPED = Symbol('stopped')

/** Reads each chunk once the stream may go on, until the end or STOPPED, however long either would take. */
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
