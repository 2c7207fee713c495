import { spawn } from 'node:child_process'
import type { Owner } from '../rig/owner.ts'

/** Starts so many processes that do nothing but take the CPU; they end with the test. */
export function startBusyProcesses (t: Owner, count: number): void {
  for (let started = 0; started < count; started++) {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
    const end = () => { child.kill('SIGKILL') }
    // A test that is cut short must not leave them behind.
    process.once('exit', end)
    t.teardown(async () => {
      process.removeListener('exit', end)
      end()
    })
  }
}
