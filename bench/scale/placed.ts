import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { findProgram } from '../../rig/find-program.ts'

/** The core of the process that is watched, and the core of all others. */
const OWN = 0
const OTHER = 1

/**
 * Runs an action while one process has a core to itself, as far as this machine allows that.
 *
 * @param all processes that run on the other core meanwhile
 * @param act gets the core for further processes; undefined leaves that to the kernel
 */
export async function placed (
  own: number, all: readonly number[], act: (core: number | undefined) => Promise<void>
): Promise<void> {
  if (availableParallelism() <= OTHER || findProgram('taskset') === undefined) {
    await act(undefined)
    return
  }
  for (const pid of all) place(pid, String(pid === own ? OWN : OTHER))
  try {
    await act(OTHER)
  } finally {
    for (const pid of all) place(pid, `0-${availableParallelism() - 1}`)
  }
}

function place (pid: number, cores: string): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)], { stdio: 'ignore' })
}
