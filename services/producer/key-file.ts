/*
 * Keys from a file, for those who manage secrets elsewhere: a JSON array of records as in key.ts. An entry has either
 * the key itself or the SHA-256 and the id of it. A key never needs Redis then.
 */
import type { Logger } from 'pino'
import { StartFault } from '../config/start-fault.ts'
import { watchFile, type WatchedFile } from '../file/watched-file.ts'
import { isRecord } from '../event/record.ts'
import { wrong, type Decoded } from '../schema/decode.ts'
import { decodeKeyRecord, type KeyRecord } from './key.ts'
import { digestOfKey, idOfKey } from './key-text.ts'

export interface KeyFileOptions {
  path: string
  log: Logger
  onChange: (records: readonly KeyRecord[]) => void
  pollIntervalMs?: number
}

/**
 * Loads a key file and watches it until it is closed.
 *
 * @throws StartFault that lists every wrong field of the file, and never quotes a value
 */
export async function openKeyFile (
  { path, log, onChange, pollIntervalMs }: KeyFileOptions
): Promise<WatchedFile<readonly KeyRecord[]>> {
  try {
    const file = await watchFile({
      path,
      parse: parseKeys,
      onReloaded: (records) => {
        onChange(records)
        log.info({ event: 'keys-reloaded', path, keys: records.length }, 'the key file has changed; its keys are in force')
      },
      onInvalid: (problems) => {
        log.error({ event: 'keys-invalid', path, problems }, 'the key file is invalid; the keys in force stay')
      },
      pollIntervalMs
    })
    onChange(file.current)
    return file
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const remedy = code === undefined ? '' : '; let this user read it, or make it: npx spillway keys create --file PATH'
    throw new StartFault('API_KEYS_FILE_INVALID', `API_KEYS_FILE ${path}: ${message}${remedy}`, { cause: error })
  }
}

/**
 * Reads the text of a key file.
 *
 * @throws Error with one line for each wrong field
 */
export function parseKeys (text: string): readonly KeyRecord[] {
  const entries = parse(text)
  if (!Array.isArray(entries)) throw new Error('expected a JSON array of keys')
  const problems: string[] = []
  const records = new Map<string, KeyRecord>()
  for (const [index, entry] of entries.entries()) {
    const decoded = decodeEntry(entry)
    if (!decoded.ok) {
      for (const { field, message } of decoded.errors) problems.push(`[${index}]${field && `.${field}`}: ${message}`)
    } else if (records.has(decoded.value.id)) {
      problems.push(`[${index}].id: an earlier entry has the same id`)
    } else records.set(decoded.value.id, decoded.value)
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return [...records.values()]
}

/** The message of a syntax error may quote a part of a key, so it is not shown. */
function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('the file is not JSON')
  }
}

/** Checks an entry; the key in it is replaced by its id and its digest. */
function decodeEntry (entry: unknown): Decoded<KeyRecord> {
  if (!isRecord(entry) || !('key' in entry)) return decodeKeyRecord(entry)
  const { key, ...rest } = entry
  const id = typeof key === 'string' ? idOfKey(key) : undefined
  if (id === undefined) return wrong('key', 'Expected spw_<id>_<secret>, as `npx spillway keys create` prints it')
  return decodeKeyRecord({ ...rest, id, sha256: digestOfKey(key as string) })
}
