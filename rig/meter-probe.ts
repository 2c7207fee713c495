/*
 * Preloaded into a service under test: measures its CPU time, the longest turn of its event loop, and its memory
 * between two messages of the test.
 *
 * It measures turns in CPU time of the main thread instead of wall time, which depends on the other load of the
 * machine. The timer reads that time every 2 ms, so a result is too high by 2 ms at most.
 *
 * CPU time alone still depends on the machine: shared ones run at half their speed for minutes. So the probe also times
 * a fixed piece of work after each measurement, and reports times as a machine of usual speed would have needed them.
 */
import type { Cost } from './metered-service.ts'

const TICK_MS = 2
const TICKS_PER_MEMORY_READING = 10

/** The fixed piece of work parses this text: nothing to do for the compiler, and little for the garbage collector. */
const REFERENCE_TEXT = `[${'[],'.repeat(30_000)}1]`
const REFERENCE_ROUNDS = 20

/** Milliseconds that a machine of usual speed takes for it. */
const USUAL_ROUND_MS = 1

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
    const turnMs = longestTurnMs
    const slowness = measureSlowness()
    process.send?.({
      cpuMs: (user + system) / 1_000 / slowness, longestTurnMs: turnMs / slowness, peakBytes
    } satisfies Cost)
  }
})
// The channel alone must not keep the service alive.
process.channel?.unref()

function recordTurn (): void {
  const now = threadCpuMs()
  longestTurnMs = Math.max(longestTurnMs, now - threadMs)
  threadMs = now
}

/**
 * How many times longer than usual this machine takes at present. The clock of CPU time stands still for milliseconds
 * on some machines, so the rounds are timed by the other clock. They are short, so most of them are not interrupted, and
 * their median is lengthened as what is measured is by programs that share caches and cores.
 */
function measureSlowness (): number {
  const times = Array.from({ length: REFERENCE_ROUNDS }, () => {
    const before = performance.now()
    JSON.parse(REFERENCE_TEXT)
    return performance.now() - before
  })
  return (times.toSorted((a, b) => a - b)[REFERENCE_ROUNDS / 2] as number) / USUAL_ROUND_MS
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
