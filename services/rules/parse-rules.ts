import { join } from 'node:path'
import { loadFolder, type RegistryEntry } from '../registry/load-folder.ts'
import { isActionDefinition, type Action, type ActionDefinition, type ActionServices } from './action.ts'
import { compileCondition } from './expression.ts'
import { reportSchemaProblems, type Report } from './problem.ts'
import { rulesFileSchema, type RulesFile } from './rule-schema.ts'
import { isRecord } from '../event/record.ts'

/** An action of a rule, with the name that an event records when it is done. */
export interface Step {
  name: string
  index: number
  run: Action
}

/** A rule that is ready to run. */
export interface Rule {
  id: string
  /** The types of events to which it applies; undefined means all. */
  types: ReadonlySet<string> | undefined
  /** Throws an Error with the reason if the condition cannot be computed. */
  matches: (data: unknown) => boolean
  steps: readonly Step[]
}

/** Carries all problems of a rules file. */
export class RulesFileError extends Error {
  readonly code = 'RULES_FILE_INVALID'
  readonly problems: readonly string[]

  constructor (problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Loads the actions that rules may use. */
export function loadActions (): Promise<RegistryEntry<ActionDefinition>[]> {
  return loadFolder(join(import.meta.dirname, 'actions'), isActionDefinition, 'an action: { schema, prepare }')
}

/** Parses the text of a rules file. @throws RulesFileError if anything is wrong with it */
export function parseRules (
  text: string,
  actions: readonly RegistryEntry<ActionDefinition>[],
  services: ActionServices
): Rule[] {
  const problems: string[] = []
  const report: Report = (path, problem) => problems.push(`${path}: ${problem}`)
  const file = parseJson(text)
  const malformed: string[] = []
  reportSchemaProblems(rulesFileSchema(actions), file, (path, problem) => {
    malformed.push(path)
    report(path, problem)
  })
  // Compiling relies on the shape of a part: in a file with malformed parts, the well-formed ones are still checked.
  const isSound = (path: string) =>
    !malformed.some((wrong) => wrong === path || wrong.startsWith(`${path}.`) || wrong.startsWith(`${path}[`))
  const rules = rulesOf(file)
  reportDuplicates(rules, report)
  const definitions = new Map(actions.map(({ name, value }) => [name, value]))
  const compiled = rules.flatMap(({ rule: { id, types, when, actions: wanted }, position }) => {
    const place = `rules[${position}]`
    const matches = isSound(`${place}.when`) ? compileCondition(when, `${place}.when`, report) : undefined
    const steps = (Array.isArray(wanted) ? wanted : []).flatMap((action, index) => {
      if (!isSound(`${place}.actions[${index}]`)) return []
      const [kind, parameters] = Object.entries(action)[0]!
      const path = `${place}.actions[${index}].${kind}`
      return {
        name: `${id}#${index}`,
        index,
        run: definitions.get(kind)!.prepare(parameters as never, { path, report, services })
      }
    })
    return matches === undefined ? [] : { id, types: Array.isArray(types) ? new Set(types) : undefined, matches, steps }
  })
  if (problems.length > 0) throw new RulesFileError(problems)
  return compiled
}

/** Returns the rules of a file of any shape that are objects. */
function rulesOf (file: unknown): { rule: RulesFile['rules'][number], position: number }[] {
  const rules: unknown = (file as Partial<RulesFile> | null)?.rules
  if (!Array.isArray(rules)) return []
  return rules.flatMap((rule: unknown, position) =>
    isRecord(rule) ? { rule: rule as unknown as RulesFile['rules'][number], position } : []
  )
}

function parseJson (text: string): unknown {
  try {
    // Editors on Windows begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new RulesFileError([`not JSON: ${(error as Error).message}`])
  }
}

function reportDuplicates (rules: ReturnType<typeof rulesOf>, report: Report): void {
  const positions = new Map<string, number>()
  for (const { rule: { id }, position } of rules) {
    if (typeof id !== 'string') continue
    const first = positions.get(id)
    if (first === undefined) positions.set(id, position)
    else report(`rules[${position}].id`, `${JSON.stringify(id)} is the id of rules[${first}] already`)
  }
}
