/*
 * The rules in force, kept in step with their file by polling: Kubernetes changes a ConfigMap by swapping a symbolic
 * link two folders up, which file notifications miss and a stat of the path does not.
 */
import { readFile, stat } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { RegistryEntry } from '../registry/load-folder.ts'
import type { ActionDefinition, ActionServices } from './action.ts'
import { loadActions, parseRules, RulesFileError, type Rule } from './parse-rules.ts'
import { indexRules, type RuleIndex } from './rule-index.ts'

const POLL_INTERVAL_MS = 1_000

export interface RulesFileOptions {
  path: string
  services: ActionServices
  log: Logger
  pollIntervalMs?: number
}

/** The result of a check of the file; `kept` means that it is invalid and the previous rules stay in force. */
export type Reload = 'reloaded' | 'unchanged' | 'kept'

/** Loads a rules file and watches it until it is closed. @throws Error that lists every problem of the file */
export async function openRulesFile (options: RulesFileOptions): Promise<RulesFile> {
  const actions = await loadActions()
  const signature = await signatureOf(options.path)
  try {
    const text = await readFile(options.path, 'utf8')
    return new RulesFile(options, actions, { signature, text, rules: parseRules(text, actions, options.services) })
  } catch (error) {
    const { code, message } = error as RulesFileError
    throw Object.assign(new Error(`rules file ${options.path}: ${message}`, { cause: error }), { code })
  }
}

interface Version {
  /** Read before the text, so a write in between counts as a change. */
  signature: string
  text: string
  rules: readonly Rule[]
}

export class RulesFile {
  readonly #options: RulesFileOptions
  readonly #actions: readonly RegistryEntry<ActionDefinition>[]
  readonly #timer: NodeJS.Timeout
  #index: RuleIndex
  #signature: string
  /** The text of the rules in force. */
  #text: string
  /** The present fault of the file; logged when it changes, not at every check. */
  #problem: string | undefined
  #looking: Promise<Reload> | undefined

  constructor (
    options: RulesFileOptions,
    actions: readonly RegistryEntry<ActionDefinition>[],
    { signature, text, rules }: Version
  ) {
    this.#options = options
    this.#actions = actions
    this.#signature = signature
    this.#text = text
    this.#index = indexRules(rules)
    this.#timer = setInterval(() => { void this.poll() }, options.pollIntervalMs ?? POLL_INTERVAL_MS).unref()
  }

  /** The rules in force that apply to events of this type. */
  rulesFor (type: string): readonly Rule[] { return this.#index(type) }

  /** Reads the file again if it has changed. Concurrent calls share one check: a file system may hang. */
  poll (): Promise<Reload> {
    this.#looking ??= this.#look().finally(() => { this.#looking = undefined })
    return this.#looking
  }

  /** Stops watching. */
  async close (): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look (): Promise<Reload> {
    return await signatureOf(this.#options.path) === this.#signature ? 'unchanged' : await this.#read()
  }

  async #read (): Promise<Reload> {
    const { path, log, services } = this.#options
    this.#signature = await signatureOf(path)
    try {
      const text = await readFile(path, 'utf8')
      if (text === this.#text && this.#problem === undefined) return 'unchanged'
      const rules = parseRules(text, this.#actions, services)
      this.#index = indexRules(rules)
      this.#text = text
      this.#problem = undefined
      log.info({ event: 'rules-reloaded', path, rules: rules.length }, 'rules reloaded')
      return 'reloaded'
    } catch (error) {
      const { message } = error as Error
      if (message !== this.#problem)
        log.error(
          { event: 'rules-invalid', path, problems: message.split('\n') },
          'the rules file is invalid; the rules in force stay'
        )
      this.#problem = message
      return 'kept'
    }
  }
}

async function signatureOf (path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs].join(':')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable'
  }
}
