import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A module of a registry folder under the name of its file, without the ending. */
export interface RegistryEntry<T> {
  name: string
  value: T
}

/**
 * Loads a folder in which every file is one entry, sorted by name.
 *
 * @param shape of a valid default export, for the error message
 * @throws Error that names a file of the wrong shape: a registry never skips silently
 */
export async function loadFolder<T> (
  folder: string,
  accepts: (candidate: unknown) => candidate is T,
  shape: string
): Promise<RegistryEntry<T>[]> {
  const files = (await readdir(folder)).filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.endsWith('.d.ts'))
    .toSorted()
  return Promise.all(files.map(async (file) => {
    const path = join(folder, file)
    const { default: value } = await import(pathToFileURL(path).href) as { default?: unknown }
    if (!accepts(value)) throw new Error(`${path}: the default export has to be ${shape}`)
    return { name: basename(file).replace(/\.[cm]?[jt]s$/, ''), value }
  }))
}
