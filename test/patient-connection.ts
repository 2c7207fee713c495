import { BUSY_MACHINE } from '../rig/busy-machine.ts'
import { connectForCommands, type Redis } from '../services/redis/connection.ts'
import type { RedisAddress } from '../services/redis/redis-address.ts'

/** Returns a connection that gives a command as long as every app under test does. */
export function connectPatiently (address: RedisAddress): Redis {
  return connectForCommands(address, Number(BUSY_MACHINE.REDIS_COMMAND_TIMEOUT_MS))
}
