import { readFile } from 'node:fs/promises'
import type { Config } from '../../../services/config/schema.ts'
import { parseKeys } from '../../../services/producer/key-file.ts'
import type { KeyFileFacts } from '../facts.ts'

/** Reads the key file as the service does; undefined without one. */
export async function gatherKeyFile ({ API_KEYS_FILE: path }: Config): Promise<KeyFileFacts | undefined> {
  if (path === undefined) return undefined
  try {
    return { path, keys: parseKeys(await readFile(path, 'utf8')).length }
  } catch (error) {
    return { path, problem: (error as Error).message }
  }
}
