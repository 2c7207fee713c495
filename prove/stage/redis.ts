import { existsSync } from 'node:fs'
import net from 'node:net'
import { delimiter, join } from 'node:path'
import { SERVER_BINARIES } from '../../services/redis/embedded/spawned-server.ts'
import { Program } from './program.ts'

const COMMAND_TIMEOUT_MS = 10_000

export interface RedisOptions {
  readonly folder: string
  readonly appendfsync: 'always' | 'everysec'
  /** Of this process: where the server is looked for. */
  readonly path: string
}

/** The Redis of the proof: a real one, with an append-only file. Spillway reaches it by TCP, through a proxy. */
export class Redis extends Program {
  readonly socket: string

  constructor ({ folder, appendfsync, path }: RedisOptions) {
    const socket = join(folder, 'redis.sock')
    super({
      name: 'redis',
      file: findServer(path),
      args: [
        '--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', folder, '--save', '', '--maxmemory-policy', 'noeviction',
        '--appendonly', 'yes', '--appendfsync', appendfsync
      ],
      env: { PATH: path },
      logFile: join(folder, 'redis.log')
    })
    this.socket = socket
  }

  /** Memory that its data take, bytes. */
  async usedMemory (): Promise<number> {
    return Number(/^used_memory:(\d+)/m.exec(await this.command('INFO memory'))?.[1])
  }

  /** Runs a command given as one line and answers the reply as it comes over the wire; the length of a bulk reply is left out. */
  command (line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const connection = net.connect(this.socket, () => { connection.write(`${line}\r\n`) })
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
      connection.setTimeout(COMMAND_TIMEOUT_MS, () => { connection.destroy() })
      connection.once('error', reject)
      connection.once('close', () => { reject(new Error(`Redis did not answer to ${line}`)) })
    })
  }
}

function findServer (path: string): string {
  const file = SERVER_BINARIES.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name))).find((candidate) => existsSync(candidate))
  if (file === undefined) throw new Error(`no ${SERVER_BINARIES.join(' or ')} on the PATH: apt-get install redis-server`)
  return file
}
