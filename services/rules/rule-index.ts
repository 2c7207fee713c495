import type { Rule } from './parse-rules.ts'

/** Finds the rules that apply to events of a type, in the order of the file. */
export type RuleIndex = (type: string) => readonly Rule[]

/** Groups rules by type, so the cost of an event depends only on its own rules. */
export function indexRules (rules: readonly Rule[]): RuleIndex {
  const ofAnyType: Rule[] = []
  const byType = new Map<string, Rule[]>()
  for (const rule of rules) {
    // The list of a new type begins with the earlier rules for all types.
    for (const type of rule.types ?? []) if (!byType.has(type)) byType.set(type, [...ofAnyType])
    const lists = rule.types === undefined
      ? [ofAnyType, ...byType.values()]
      : [...rule.types].map((type) => byType.get(type) as Rule[])
    for (const list of lists) list.push(rule)
  }
  return (type) => byType.get(type) ?? ofAnyType
}
