import type { Logger } from 'pino'
import { StartFault } from '../config/start-fault.ts'
import { watchFile, type Reload, type WatchedFile } from '../file/watched-file.ts'
import type { ActionServices } from './action.ts'
import { loadActions, parseRules, RulesFileError, type Rule } from './parse-rules.ts'
import { indexRules, type RuleIndex } from './rule-index.ts'

export interface RulesFileOptions {
  path: string
  services: ActionServices
  log: Logger
  pollIntervalMs?: number
}

/** The rules of a file, by type. */
interface Rules {
  readonly rules: readonly Rule[]
  readonly index: RuleIndex
}

/** Loads a rules file and watches it until it is closed. @throws StartFault that lists every problem of the file */
export async function openRulesFile ({ path, services, log, pollIntervalMs }: RulesFileOptions): Promise<RulesFile> {
  const actions = await loadActions()
  try {
    return new RulesFile(await watchFile<Rules>({
      path,
      parse: (text) => {
        const rules = parseRules(text, actions, services)
        return { rules, index: indexRules(rules) }
      },
      onReloaded: ({ rules }) => {
        log.info({ event: 'rules-reloaded', path, rules: rules.length }, 'rules reloaded')
      },
      onInvalid: (problems) => {
        log.error({ event: 'rules-invalid', path, problems }, 'the rules file is invalid; the rules in force stay')
      },
      pollIntervalMs
    }))
  } catch (error) {
    const { message } = error as Error
    const isUnread = !(error instanceof RulesFileError)
    const remedy = isUnread ? '; let this user read it, or unset RULES_FILE' : ''
    throw new StartFault('RULES_FILE_INVALID', `RULES_FILE ${path}: ${message}${remedy}`, { cause: error })
  }
}

/** The rules in force. */
export class RulesFile {
  readonly #file: WatchedFile<Rules>

  constructor (file: WatchedFile<Rules>) {
    this.#file = file
  }

  /** The rules in force that apply to events of this type. */
  rulesFor (type: string): readonly Rule[] { return this.#file.current.index(type) }

  /** Reads the file again if it has changed. */
  poll (): Promise<Reload> {
    return this.#file.poll()
  }

  /** Stops watching. */
  async close (): Promise<void> {
    await this.#file.close()
  }
}
