import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import type { ConfigProblem } from './config-error.ts'
import { describeGiven } from './redaction.ts'

const NONE = 'none'

/** Decodes SPOOL_CLASSES. A list with anything in it that is no class is reported, and is empty then. */
export function parseSpoolClasses (text: string): { classes: ReadonlySet<PriorityClass>, problems: ConfigProblem[] } {
  const words = text === NONE ? [] : text.split(',').map((word) => word.trim())
  if (words.every(isClass)) return { classes: new Set(words), problems: [] }
  return {
    classes: new Set(),
    problems: [{ key: 'SPOOL_CLASSES', given: describeGiven('SPOOL_CLASSES', text), allowed: `${NONE}, or of ${PRIORITY_CLASSES.join(', ')} one or several with commas in between` }]
  }
}

function isClass (word: string): word is PriorityClass {
  return (PRIORITY_CLASSES as readonly string[]).includes(word)
}
