import { stat } from 'node:fs/promises'
import type { Config } from '../../../services/config/schema.ts'
import type { SecretFile } from '../facts.ts'

const KEYS = ['API_KEYS_FILE', 'ADMIN_TOKEN_FILE', 'DELIVERY_SECRET_FILE', 'REDIS_URL_FILE', 'REDIS_KEY_FILE'] as const
const READABLE_BY_OTHERS = 0o004
const WRITABLE_BY_OTHERS = 0o022

/** Looks at the rights of the files with secrets that there are. */
export async function gatherSecretFiles (config: Config): Promise<SecretFile[]> {
  const files = await Promise.all(KEYS.map(async (key) => {
    const path = config[key]
    const mode = path === undefined ? undefined : await stat(path).then((stats) => stats.mode, () => undefined)
    if (path === undefined || mode === undefined) return []
    return { key, path, isReadable: (mode & READABLE_BY_OTHERS) !== 0, isWritable: (mode & WRITABLE_BY_OTHERS) !== 0 }
  }))
  return files.flat()
}
