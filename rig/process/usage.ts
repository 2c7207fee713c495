import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Ticks per second of the kernel interface, which are independent of the timer of the kernel. */
const TICKS_PER_SECOND = 100
const MICROS_PER_TICK = 1_000_000 / TICKS_PER_SECOND
const RESET_PEAK = '5'

/** Returns the CPU time of a process so far in microseconds: user and system, all threads, no children. */
export function cpuMicrosOf (pid: number): number {
  return cpuMicrosIn(readFileSync(`/proc/${pid}/stat`, 'latin1'))
}

/** Returns the CPU time in the text of /proc/<pid>/stat, in microseconds. */
export function cpuMicrosIn (stat: string): number {
  // The name of the program is in parentheses and may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK
}

/** Returns the resident memory of a process now and at its peak since forgetPeak, in MiB. */
export function memoryMiBOf (pid: number): { rss: number, peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? NaN)
  return { rss: kibibytes('VmRSS') / 1_024, peak: kibibytes('VmHWM') / 1_024 }
}

/** Resets the peak of the memory of a process. */
export function forgetPeak (pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK)
}

/** Returns the same to the nanosecond, for short times: of the threads that still run, since others are not counted. */
export function exactCpuMicrosOf (pid: number): number {
  const tasks = `/proc/${pid}/task`
  return readdirSync(tasks).reduce((sum, task) => sum + nanosOf(`${tasks}/${task}/schedstat`) / 1_000, 0)
}

function nanosOf (file: string): number {
  try {
    return Number(readFileSync(file, 'latin1').split(' ')[0])
  } catch {
    // The thread has just ended.
    return 0
  }
}
