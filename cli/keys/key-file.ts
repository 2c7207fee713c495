import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { decodeKeyOrder, type KeyOrder } from '../../services/producer/key.ts'
import { digestOfKey, newKey, type KeyText } from '../../services/producer/key-text.ts'
import { UsageError } from '../exit-code.ts'

const OWNER_ONLY = 0o600

/**
 * Adds a new key to a key file, which gets only its digest. Creates the file if there is none.
 *
 * @throws UsageError for a wrong order, or a file that is no JSON array
 */
export async function addToFile (path: string, order: object): Promise<KeyText & { readonly order: KeyOrder }> {
  const decoded = decodeKeyOrder(order)
  if (!decoded.ok) throw new UsageError(decoded.errors.map(({ field, message }) => `${field}: ${message}`).join('; '))
  const entries = await entriesOf(path)
  const made = newKey()
  const record = { id: made.id, ...decoded.value, sha256: digestOfKey(made.key), createdAt: new Date().toISOString() }
  // A running service never sees half of the file.
  const beside = `${path}.${made.id}.tmp`
  await writeFile(beside, `${JSON.stringify([...entries, record], null, 2)}\n`, { mode: OWNER_ONLY })
  await chmod(beside, OWNER_ONLY)
  await rename(beside, path)
  return { ...made, order: decoded.value }
}

async function entriesOf (path: string): Promise<readonly unknown[]> {
  try {
    const entries: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (Array.isArray(entries)) return entries
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    // The text of the file is not shown: it may hold keys.
    if (code !== undefined) throw new UsageError(`${path} cannot be read (${code})`)
  }
  throw new UsageError(`${path} is not a JSON array of keys; choose another file`)
}
