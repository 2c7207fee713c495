/*
 * Loads Lua scripts as commands of a connection. The file `lua/<name>.lua` beside the module that uses it becomes the
 * command `spillway:<name>`; names are unique over all folders, since a connection has one list of commands.
 */
import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

type Argument = string | number | Buffer

/** The number of keys among the arguments, by name of the script; undefined if the first argument is that number. */
type KeyCounts<Name extends string> = Readonly<Record<Name, number | undefined>>

/** Texts by URL, and URLs by command: scripts are read once, whatever the number of connections. */
const texts = new Map<string, string>()
const urls = new Map<string, string>()

/** The scripts of one module on one connection. */
export class Scripts<Name extends string> {
  readonly #redis: Redis
  /** Names of the commands, built once: every batch needs some of them. */
  readonly #commands: Readonly<Record<Name, string>>

  /**
   * @param module its URL; the scripts are in the folder lua/ beside it
   * @throws Error if another folder has a script of the same name
   */
  constructor (
    redis: Redis,
    module: string,
    keyCounts: KeyCounts<Name>,
    constants: Readonly<Record<string, number>> = {}
  ) {
    this.#redis = redis
    // On the first line, so errors have the line numbers of the file.
    const prelude = Object.entries(constants).map(([name, value]) => `local ${name} = ${value} `).join('')
    const commands: Record<string, string> = {}
    for (const [name, numberOfKeys] of Object.entries<number | undefined>(keyCounts)) {
      const command = `spillway:${name}`
      commands[name] = command
      redis.defineCommand(command, {
        lua: prelude + textOf(name, new URL(`lua/${name}.lua`, module).href),
        ...(numberOfKeys !== undefined && { numberOfKeys })
      })
    }
    this.#commands = commands as Record<Name, string>
  }

  /** Runs a script; the keys come first. */
  run (name: Name, args: readonly Argument[]): Promise<unknown> {
    const commands = this.#redis as unknown as Record<string, (...args: readonly Argument[]) => Promise<unknown>>
    return commands[this.#commands[name]]!(...args)
  }

  /** Returns a script with its arguments, to run as one of several; see AtomicScripts. */
  step (name: Name, args: readonly Argument[]): { name: string, args: readonly Argument[] } {
    return { name: this.#commands[name], args }
  }
}

function textOf (name: string, url: string): string {
  const other = urls.get(name)
  if (other !== undefined && other !== url) throw new Error(`two scripts are named ${name}: ${other} and ${url}`)
  const text = texts.get(url) ?? readFileSync(new URL(url), 'utf8')
  urls.set(name, url)
  texts.set(url, text)
  return text
}
