import net from 'node:net'
import { Deadline } from '../../clock/deadline.ts'

const ANSWER_TIMEOUT_MS = 1_000

/**
 * The state of a socket path: nothing listens, something does not answer (yet), a server still reads its append-only
 * file, or a server accepts commands.
 */
export type ServerProbe =
  | { readonly state: 'absent' | 'silent' }
  | { readonly state: 'loading' | 'ready', readonly pid: number }

/** Asks the server behind the socket for its state and its process id. */
export async function probeServer (socketPath: string): Promise<ServerProbe> {
  try {
    const answer = await exchange(socketPath, 'PING\r\nINFO server\r\n', (text) => /\r\nprocess_id:\d+\r\n/.test(text))
    const pid = Number(/\r\nprocess_id:(\d+)\r\n/.exec(answer)?.[1])
    if (!Number.isInteger(pid)) return { state: 'silent' }
    // Any other error, such as MISCONF on a full disk, is from a server that accepts commands.
    return { state: answer.startsWith('-LOADING') ? 'loading' : 'ready', pid }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return { state: code === 'ENOENT' || code === 'ECONNREFUSED' ? 'absent' : 'silent' }
  }
}

/** Sends inline commands and resolves with the answer up to `isComplete`, the end of the connection or a second. */
export function exchange (
  socketPath: string, commands: string, isComplete: (text: string) => boolean
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = net.connect(socketPath, () => { socket.write(commands) })
    const deadline = new Deadline(ANSWER_TIMEOUT_MS, () => { socket.destroy() })
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (isComplete(text)) socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      deadline.clear()
      resolve(text)
    })
  })
}
