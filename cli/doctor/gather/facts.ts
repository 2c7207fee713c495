import { totalmem } from 'node:os'
import { loadConfig } from '../../../services/config/load-config.ts'
import { trimmedKeys } from '../../../services/config/surrounding-space.ts'
import { unknownKeys } from '../../../services/config/unknown-keys.ts'
import type { Session } from '../../session.ts'
import type { Facts } from '../facts.ts'
import { gatherDataDir } from './data-dir.ts'
import { gatherKeyFile } from './key-file.ts'
import { gatherRedis } from './redis.ts'
import { gatherSecretFiles } from './secret-files.ts'
import { gatherService } from './service.ts'
import { gatherTargets } from './targets.ts'

/**
 * Gathers the facts for all checks, with the environment that a service would have.
 *
 * @param url of the service, without credentials
 * @throws ConfigError if the service could not start with this environment
 */
export async function gatherFacts ({ env, service }: Session, url: string): Promise<Facts> {
  const config = loadConfig(env)
  const [redis, dataDir, keyFile, secretFiles, outbound, serviceFacts] = await Promise.all([
    gatherRedis(config, env.PATH),
    gatherDataDir(config.DATA_DIR),
    gatherKeyFile(config),
    gatherSecretFiles(config),
    gatherTargets(config),
    gatherService(service, url)
  ])
  return {
    config,
    unknownKeys: unknownKeys(env),
    trimmedKeys: trimmedKeys(env),
    machine: { memoryBytes: totalmem() },
    redis,
    dataDir, keyFile, secretFiles, outbound,
    service: serviceFacts
  }
}
