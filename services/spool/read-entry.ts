import type { SpoolEntry } from './spool-entry.ts'
import { errorCode } from './spool-error.ts'
import type { Decoded } from './spool-file.ts'
import type { SpoolFolder } from './spool-folder.ts'

/** Decodes a part of a file. */
export type Decode<Content> = (file: Buffer, entry: SpoolEntry) => Decoded<Content>

/** Another process, or a person, has removed the file. */
export interface Gone { readonly isGone: true }

/** Temporary errors of the process; the file is intact. */
const PASSING: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR'])

/** Reads a file. A file that the disk cannot read is damaged. Rejects for temporary errors. */
export async function readEntry<Content> (
  folder: SpoolFolder,
  entry: SpoolEntry,
  decode: Decode<Content>
): Promise<Decoded<Content> | Gone> {
  let file: Buffer | 'too long'
  try {
    file = await folder.read(entry.name)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return { isGone: true }
    if (code === undefined || PASSING.has(code)) throw error
    return { damage: code }
  }
  return file === 'too long' ? { damage: file } : decode(file, entry)
}
