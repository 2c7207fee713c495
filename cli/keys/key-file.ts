import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { KeyOrder } from '../../services/producer/key.ts'
import { parseKeys } from '../../services/producer/key-file.ts'
import { digestOfKey, newKey } from '../../services/producer/key-text.ts'
import { UsageError } from '../exit-code.ts'
import type { MadeKey } from './api.ts'

const OWNER_ONLY = 0o600

const LOCKED_OUT =
  'no key of the file has scope admin without an organization, so nobody can operate a service that has these keys alone: ' +
  'set its ADMIN_TOKEN, or add a key with --scopes admin to the file'

/**
 * Adds a new key to a key file, which gets only its digest. Creates the file if there is none.
 *
 * @throws UsageError for a file that is no key file, or that cannot be read or written
 */
export async function addToFile (path: string, order: KeyOrder): Promise<MadeKey> {
  const entries = await entriesOf(path)
  const { id, key } = newKey()
  const record = { id, ...order, sha256: digestOfKey(key), createdAt: new Date().toISOString() }
  // A running service never sees half of the file.
  const beside = `${path}.${id}.tmp`
  try {
    await writeFile(beside, `${JSON.stringify([...entries, record], null, 2)}\n`, { mode: OWNER_ONLY })
    await chmod(beside, OWNER_ONLY)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw new UsageError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
  const isOperated = [...entries, order].some(isOperator)
  return { id, ...order, source: 'file', key, ...(!isOperated && { warning: LOCKED_OUT }) }
}

function isOperator (entry: unknown): boolean {
  const { organizationId, scopes } = entry as Partial<KeyOrder>
  return organizationId === undefined && scopes?.includes('admin') === true
}

/** Returns the entries of a key file as they are; a wrong one would stop the start of a service, so it is refused here. */
async function entriesOf (path: string): Promise<readonly unknown[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new UsageError(`${path} cannot be read (${code})`)
  }
  try {
    parseKeys(text)
  } catch (error) {
    // The message names fields and quotes nothing: the file may hold keys.
    throw new UsageError(`${path} is no key file; correct it, or choose another file:\n${(error as Error).message}`)
  }
  return JSON.parse(text) as readonly unknown[]
}
