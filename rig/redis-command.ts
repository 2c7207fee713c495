import net from 'node:net'

/**
 * Runs a command, given as one line, on a separate connection, and resolves with the reply of the protocol, without the
 * length of a bulk reply.
 *
 * @param path of the unix socket of Redis
 */
export function redisCommand (path: string, line: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = net.connect(path, () => { connection.write(`${line}\r\n`) })
    let reply = ''
    connection.setEncoding('latin1').on('data', (chunk) => {
      reply += chunk
      const end = reply.indexOf('\r\n')
      if (end === -1) return
      const head = reply.slice(0, end)
      const isBulk = head.startsWith('$')
      if (isBulk && reply.length < end + 2 + Number(head.slice(1)) + 2) return
      connection.destroy()
      if (head.startsWith('-')) reject(new Error(`Redis answered ${head} to ${line}`))
      else resolve(isBulk ? reply.slice(end + 2, -2) : head)
    })
    connection.setTimeout(timeoutMs, () => { connection.destroy() })
    connection.once('error', reject)
    connection.once('close', () => { reject(new Error(`Redis did not answer to ${line}`)) })
  })
}

/** Returns the bytes of memory that the data of a Redis use. */
export async function usedMemory (path: string, timeoutMs: number): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redisCommand(path, 'INFO memory', timeoutMs))?.[1])
}
