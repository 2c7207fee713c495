import { readFileSync } from 'node:fs'
import type { ConfigProblem } from './config-error.ts'

/** Keys whose values may stand in a file that `<key>_FILE` names, as container platforms mount secrets. */
export const FILE_KEYS = ['ADMIN_TOKEN', 'REDIS_URL', 'REDIS_SENTINEL_PASSWORD', 'DELIVERY_SECRET'] as const

/** A file of a secret is short; a larger one is another file. */
const MOST_CHARACTERS = 65_536

/**
 * Returns the environment with the texts of these files as values of their keys, and a problem for each that cannot be
 * used. A problem shows the path and never the text.
 */
export function withSecretFiles (environment: Readonly<Record<string, string | undefined>>): {
  environment: Readonly<Record<string, string | undefined>>, problems: ConfigProblem[]
} {
  const texts: Record<string, string> = {}
  const problems: ConfigProblem[] = []
  for (const key of FILE_KEYS) {
    const fileKey = `${key}_FILE`
    const path = environment[fileKey]?.trim() ?? ''
    if (path === '') continue
    const refuse = (allowed: string) => problems.push({ key: fileKey, given: JSON.stringify(path), allowed })
    if ((environment[key] ?? '').trim() !== '') refuse(`only one of ${key} and ${fileKey}`)
    else {
      const text = textOf(path)
      if (text instanceof Error) refuse(`a file that can be read (${text.message})`)
      else if (text.trim() === '') refuse('a file that is not empty')
      else texts[key] = text
    }
  }
  return { environment: { ...environment, ...texts }, problems }
}

function textOf (path: string): string | Error {
  try {
    const text = readFileSync(path, 'utf8')
    return text.length > MOST_CHARACTERS ? new Error(`more than ${MOST_CHARACTERS} characters`) : text
  } catch (error) {
    return error as Error
  }
}
