/* The folders of the simulator in which every file is one entry. */
import { join } from 'node:path'
import { loadFolder, type RegistryEntry } from '../services/registry/load-folder.ts'
import { isPattern, PATTERN_SHAPE, type Pattern } from './arrivals/pattern.ts'
import type { KnownNames } from './options.ts'
import { isSubjectModule, SUBJECT_SHAPE, type SubjectModule } from './subject.ts'
import { CLIENT_SHAPE, isClient, type Client } from './world/client.ts'

export interface Registries {
  readonly subjects: ReadonlyMap<string, SubjectModule>
  readonly patterns: ReadonlyMap<string, Pattern>
  readonly clients: ReadonlyMap<string, Client>
}

const folder = (name: string) => join(import.meta.dirname, name)

export async function loadRegistries (): Promise<Registries> {
  const [subjects, patterns, clients] = await Promise.all([
    loadFolder(folder('subjects'), isSubjectModule, SUBJECT_SHAPE),
    loadFolder(folder('arrivals/patterns'), isPattern, PATTERN_SHAPE),
    loadFolder(folder('world/clients'), isClient, CLIENT_SHAPE)
  ])
  return { subjects: byName(subjects), patterns: byName(patterns), clients: byName(clients) }
}

/** The first subject is the one that others are compared with, so production comes first. */
export function namesOf ({ subjects, patterns, clients }: Registries): KnownNames {
  const names = [...subjects.keys()]
  return {
    subjects: ['static', ...names.filter((name) => name !== 'static')],
    patterns: [...patterns.keys()],
    clients: [...clients.keys()]
  }
}

function byName<T> (entries: readonly RegistryEntry<T>[]): ReadonlyMap<string, T> {
  return new Map(entries.map(({ name, value }) => [name, value]))
}
