/*
 * Preloaded into a service under test: measures its CPU time, the longest turn of its event loop, and its memory
 * between two messages of the test.
 *
 * It measures turns in CPU time of the main thread instead of wall time, which depends on the other load of the
 * machine. The timer reads that time every 2 ms, so a result is too high by 2 ms at most.
 */
import type { Cost } from './metered-service.ts'

const TICK_MS = 2
const TICKS_PER_MEMORY_READING = 10

let cpuAtBeginning = process.cpuUsage()
let threadMs = threadCpuMs()
let longestTurnMs = 0
let peakBytes = 0
let ticks = 0

setInterval(() => {
  recordTurn()
  if (ticks++ % TICKS_PER_MEMORY_READING === 0) recordMemory()
}, TICK_MS).unref()

process.on('message', (message) => {
  if (message === 'begin') {
    cpuAtBeginning = process.cpuUsage()
    threadMs = threadCpuMs()
    longestTurnMs = 0
    peakBytes = 0
    process.send?.('begun')
  } else if (message === 'end') {
    recordTurn()
    recordMemory()
    const { user, system } = process.cpuUsage(cpuAtBeginning)
    process.send?.({ cpuMs: (user + system) / 1_000, longestTurnMs, peakBytes } satisfies Cost)
  }
})
// The channel alone must not keep the service alive.
process.channel?.unref()

function recordTurn (): void {
  const now = threadCpuMs()
  longestTurnMs = Math.max(longestTurnMs, now - threadMs)
  threadMs = now
}

function recordMemory (): void {
  try {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
  } catch {
    // Without a free file descriptor there is no reading.
  }
}

function threadCpuMs (): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
