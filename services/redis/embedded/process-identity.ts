import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isShortage } from './shortage.ts'

/**
 * A text that tells a process from every other one that had or will have its pid, or undefined when no such process runs.
 * Pids come back: in a container the same small numbers with every start.
 */
export function identifyProcess (pid: number): string | undefined {
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid)
}

/** The boot and, in clock ticks since then, the start of the process. */
function identifyByProc (pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program stands in parentheses and may hold spaces and parentheses itself: state is field 3, after it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (isEnded(state)) return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[18]}`
  } catch (error) {
    // A server that is taken for ended gets a twin.
    if (isShortage(error)) throw error
    return undefined
  }
}

function identifyByPs (pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
  const [state, ...started] = (stdout ?? '').trim().split(/\s+/)
  return isEnded(state) ? undefined : started.join(' ')
}

/** A zombie has ended; in a container nobody may ever collect it. */
function isEnded (state: string | undefined): boolean {
  return !state || state.startsWith('Z') || state.startsWith('X')
}
