import { getHeapStatistics } from 'node:v8'

const NONE: NodeJS.MemoryUsage = { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }

/**
 * Makes a `process.memoryUsage` that never throws: without a free descriptor Node cannot read the resident memory, and
 * the last figure is returned.
 */
export function guarded (original: NodeJS.MemoryUsageFn): NodeJS.MemoryUsageFn {
  let last = NONE
  const read = () => {
    try {
      last = original()
      return last
    } catch {
      const { total_heap_size: heapTotal, used_heap_size: heapUsed } = getHeapStatistics()
      return { ...last, heapTotal, heapUsed }
    }
  }
  return Object.assign(read, { rss: () => read().rss })
}

let isGuarded = false

/** Guards `process.memoryUsage`: @fastify/under-pressure calls it on a timer, where an exception ends the process. */
export function guardMemoryUsage (): void {
  if (isGuarded) return
  isGuarded = true
  process.memoryUsage = guarded(process.memoryUsage)
}
