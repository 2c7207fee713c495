import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './documents.ts'

/** The ACL rules of a line of the document, without the command and the name of the user. */
export function documentedRules (password: string, user = 'spillway'): string[] {
  const text = readFileSync(join(ROOT, 'docs/BACKPRESSURE-CONFIG.md'), 'utf8').replaceAll('\\\n', ' ')
  const [, rules] = new RegExp(`^ACL SETUSER ${user} (.+)$`, 'm').exec(text) ?? []
  if (rules === undefined) throw new Error(`BACKPRESSURE-CONFIG.md has no line ACL SETUSER ${user}`)
  return rules.trim().split(/\s+/).map((rule) => rule.startsWith('>') ? `>${password}` : rule)
}
