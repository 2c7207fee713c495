import { readFileSync, writeFileSync } from 'node:fs'

/** Ticks of the kernel interface, whatever the kernel itself counts in. */
const TICKS_PER_SECOND = 100
const MICROS_PER_TICK = 1_000_000 / TICKS_PER_SECOND
const RESET_PEAK = '5'

/** CPU time of a process so far, user and system together, microseconds; all its threads, none of its children. */
export function cpuMicrosOf (pid: number): number {
  return cpuMicrosIn(readFileSync(`/proc/${pid}/stat`, 'latin1'))
}

/** The CPU time in the text of /proc/<pid>/stat, microseconds. */
export function cpuMicrosIn (stat: string): number {
  // The name of the program stands in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK
}

/** Resident memory of a process now and at its highest since forgetPeak, MiB. */
export function memoryMiBOf (pid: number): { rss: number, peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? NaN)
  return { rss: kibibytes('VmRSS') / 1_024, peak: kibibytes('VmHWM') / 1_024 }
}

/** Lets the highest point of the memory of a process begin anew. */
export function forgetPeak (pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK)
}
