import type { Rule } from './parse-rules.ts'

/** Finds the rules that look at events of a type, in the order of the file. */
export type RuleIndex = (type: string) => readonly Rule[]

/** Sorts rules by the types they name, so an event costs what its own rules cost. */
export function indexRules (rules: readonly Rule[]): RuleIndex {
  const ofAnyType: Rule[] = []
  const byType = new Map<string, Rule[]>()
  for (const rule of rules) {
    // A type that is named for the first time begins with the rules for any type that stand before.
    for (const type of rule.types ?? []) if (!byType.has(type)) byType.set(type, [...ofAnyType])
    const lists = rule.types === undefined ? [ofAnyType, ...byType.values()] : [...rule.types].map((type) => byType.get(type) as Rule[])
    for (const list of lists) list.push(rule)
  }
  return (type) => byType.get(type) ?? ofAnyType
}
