import type { Redis } from '../../../services/redis/connection.ts'
import { NEEDED_COMMANDS, SYNC_COMMAND } from '../../../services/redis/needed-commands.ts'
import type { RedisDetails } from '../facts.ts'

/** Most arguments that one of the commands needs. */
const MOST_ARGUMENTS = 4

/**
 * Returns the needed commands that this user may not run. Nothing is run: Redis checks the rights of a command when it
 * joins a transaction, and this transaction never ends. It checks the number of arguments before, so each command gets
 * one more until the number is right; all of them are the absent key `probe`, wherever the command has its keys. Only
 * SUBSCRIBE is run, on a connection that nothing else uses.
 */
export async function refusedCommands (redis: Redis, probe: string): Promise<RedisDetails['refused']> {
  // A connection of its own, which leaves the transaction behind.
  const connection = redis.duplicate()
  connection.on('error', () => {})
  try {
    await connection.connect()
    const refused: RedisDetails['refused'][number][] = []
    // EXEC would end the transaction, and without MULTI there is none.
    const first = ['exec', 'multi']
    const others = NEEDED_COMMANDS.filter((name) => !first.includes(name) && name !== 'subscribe')
    for (const command of [...first, ...others, SYNC_COMMAND]) {
      const error = await refusalOf(connection, command, probe)
      if (error !== undefined) refused.push({ command, error })
      if (command === 'multi' && error !== undefined) break
    }
    const error = await refusalToListen(redis, probe)
    return error === undefined ? refused : [...refused, { command: 'subscribe', error }]
  } finally {
    connection.disconnect()
  }
}

async function refusalToListen (redis: Redis, channel: string): Promise<string | undefined> {
  const connection = redis.duplicate()
  connection.on('error', () => {})
  try {
    await connection.connect()
    await connection.subscribe(channel)
    return undefined
  } catch (error) {
    const { message } = error as Error
    return isForbidden(message) ? message : undefined
  } finally {
    connection.disconnect()
  }
}

async function refusalOf (connection: Redis, name: string, probe: string): Promise<string | undefined> {
  const [command, ...subcommand] = name.split('|') as [string, ...string[]]
  for (let count = 0; count <= MOST_ARGUMENTS; count++) {
    const args = Array.from({ length: count }, () => probe)
    const error = await connection.call(command, ...subcommand, ...args).then(() => undefined, (refusal: Error) => refusal)
    if (error === undefined) return undefined
    // Redis answers a refused EXEC with the reason behind that of the transaction.
    const message = error.message.replace(/^EXECABORT .*?(?=NOPERM)/, '')
    if (/wrong number of arguments/i.test(message)) continue
    return isForbidden(message) && !(name === SYNC_COMMAND && isUnknown(message)) ? message : undefined
  }
  return undefined
}

function isUnknown (message: string): boolean {
  return /^ERR unknown (sub)?command/i.test(message)
}

function isForbidden (message: string): boolean {
  return isUnknown(message) || /^(NOPERM|ERR (this )?command .*not (allowed|permitted|available))/i.test(message)
}
