import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { exchange, probeServer } from './server-probe.ts'

/** How long a server may take to flush and end before it is killed, by default. */
export const STOP_DEADLINE_MS = 5_000
const POLL_INTERVAL_MS = 25
const SHUTDOWN = 'SHUTDOWN NOSAVE\r\n'

/**
 * Returns the process ids of the servers of a socket, whether they answer or not. A server has its socket in its
 * arguments while it starts, and later in its title. A pid in a file would not help: another process may have it by
 * now.
 */
export function serverProcesses (socketPath: string): number[] {
  const marks = [`unixsocket:${socketPath}`, `unixsocket\0${socketPath}`, `unixsocket ${socketPath}`]
  return commandLines().filter(([, line]) => marks.some((mark) => line.includes(mark))).map(([pid]) => pid)
}

/** Ends the servers of a socket, and kills them if they do not end in time. Only for the holder of the lock. */
export async function endServer (socketPath: string, deadlineMs = STOP_DEADLINE_MS): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    // A server in another container is reachable only through its socket.
    if (!signalServers(socketPath, signal)) await exchange(socketPath, SHUTDOWN, () => false).catch(() => '')
    for (const deadline = performance.now() + deadlineMs; performance.now() < deadline;) {
      if (serverProcesses(socketPath).length === 0 && (await probeServer(socketPath)).state === 'absent') return
      await delay(POLL_INTERVAL_MS)
    }
  }
}

/** Returns whether there was a process to signal. */
function signalServers (socketPath: string, signal: NodeJS.Signals): boolean {
  const pids = serverProcesses(socketPath)
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      // It may have just ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return pids.length > 0
}

/** A zombie has no command line: it has ended. */
function commandLines (): [pid: number, line: string][] {
  if (process.platform === 'linux') {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => [Number(pid), commandLine(pid)])
  }
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' })
  return stdout.split('\n').map((line) => [Number.parseInt(line, 10), line])
}

function commandLine (pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch (error) {
    // Lack of descriptors or memory says nothing about the process; any other error means that it ended, or is another
    // user's.
    if (['EMFILE', 'ENFILE', 'ENOMEM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return ''
  }
}
