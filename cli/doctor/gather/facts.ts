import { totalmem } from 'node:os'
import { loadConfig } from '../../../services/config/load-config.ts'
import { trimmedKeys } from '../../../services/config/surrounding-space.ts'
import { unknownKeys } from '../../../services/config/unknown-keys.ts'
import type { Session } from '../../session.ts'
import type { Facts } from '../facts.ts'
import { gatherDataDir } from './data-dir.ts'
import { gatherRedis } from './redis.ts'
import { gatherService } from './service.ts'

/**
 * Gathers all that the checks look at, with the environment that a service would have.
 *
 * @param url of the service, as it may be shown
 * @throws ConfigError when that is no environment to start with
 */
export async function gatherFacts ({ env, service }: Session, url: string): Promise<Facts> {
  const config = loadConfig(env)
  const [redis, dataDir, serviceFacts] = await Promise.all([gatherRedis(config, env.PATH), gatherDataDir(config.DATA_DIR), gatherService(service, url)])
  return {
    config,
    unknownKeys: unknownKeys(env),
    trimmedKeys: trimmedKeys(env),
    machine: { memoryBytes: totalmem() },
    redis,
    dataDir,
    service: serviceFacts
  }
}
