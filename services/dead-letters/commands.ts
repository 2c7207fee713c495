import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

type Arguments = readonly (string | number)[]

/** Loads scripts of lua/ as commands of a connection, and answers what runs them. */
export function commandsOf<Name extends string> (redis: Redis, scripts: Readonly<Record<Name, { file: string, numberOfKeys: number }>>) {
  for (const [name, { file, numberOfKeys }] of Object.entries<{ file: string, numberOfKeys: number }>(scripts)) {
    redis.defineCommand(name, { numberOfKeys, lua: readFileSync(new URL(`lua/${file}.lua`, import.meta.url), 'utf8') })
  }
  return (name: Name, args: Arguments): Promise<unknown> => (redis as unknown as Record<Name, (...args: Arguments) => Promise<unknown>>)[name](...args)
}
