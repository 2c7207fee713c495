import { join } from 'node:path'
import { loadFolder, type RegistryEntry } from '../registry/load-folder.ts'
import { isActionDefinition, type Action, type ActionDefinition, type ActionServices } from './action.ts'
import { compileCondition } from './expression.ts'
import { reportSchemaProblems, type Report } from './problem.ts'
import { rulesFileSchema, type RulesFile } from './rule-schema.ts'

/** An action of a rule under the name by which an event remembers that it is done. */
export interface Step {
  name: string
  index: number
  run: Action
}

/** A rule that is ready to run. */
export interface Rule {
  id: string
  /** Types of events it looks at; undefined means all. */
  types: ReadonlySet<string> | undefined
  /** Throws an Error that says why the condition cannot be computed. */
  matches: (data: unknown) => boolean
  steps: readonly Step[]
}

/** Says everything that is wrong with a rules file at once. */
export class RulesFileError extends Error {
  readonly code = 'RULES_FILE_INVALID'
  readonly problems: readonly string[]

  constructor (problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Loads the actions that rules may ask for. */
export function loadActions (): Promise<RegistryEntry<ActionDefinition>[]> {
  return loadFolder(join(import.meta.dirname, 'actions'), isActionDefinition, 'an action: { schema, prepare }')
}

/**
 * Makes rules of the text of a rules file.
 *
 * @throws RulesFileError when anything is wrong with it
 */
export function parseRules (text: string, actions: readonly RegistryEntry<ActionDefinition>[], services: ActionServices): Rule[] {
  const problems: string[] = []
  const report: Report = (path, problem) => problems.push(`${path}: ${problem}`)
  const file = parseJson(text)
  reportSchemaProblems(rulesFileSchema(actions), file, report)
  // What follows relies on the shape; expressions of a file of the wrong shape are checked when its shape is right.
  if (problems.length > 0) throw new RulesFileError(problems)

  const definitions = new Map(actions.map(({ name, value }) => [name, value]))
  const { rules } = file as RulesFile
  reportDuplicates(rules, report)
  const compiled = rules.map(({ id, types, when, actions: wanted }, position) => ({
    id,
    types: types && new Set(types),
    matches: compileCondition(when, `rules[${position}].when`, report),
    steps: wanted.map((action, index) => {
      const [kind, parameters] = Object.entries(action)[0]!
      const path = `rules[${position}].actions[${index}].${kind}`
      return { name: `${id}#${index}`, index, run: definitions.get(kind)!.prepare(parameters as never, { path, report, services }) }
    })
  }))
  if (problems.length > 0) throw new RulesFileError(problems)
  return compiled
}

function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RulesFileError([`not JSON: ${(error as Error).message}`])
  }
}

function reportDuplicates (rules: RulesFile['rules'], report: Report): void {
  const positions = new Map<string, number>()
  for (const [position, { id }] of rules.entries()) {
    const first = positions.get(id)
    if (first === undefined) positions.set(id, position)
    else report(`rules[${position}].id`, `${JSON.stringify(id)} is the id of rules[${first}] already`)
  }
}
