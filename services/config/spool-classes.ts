import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import type { ConfigProblem } from './config-error.ts'
import { describeGiven } from './redaction.ts'

const NONE = 'none'

/** Decodes SPOOL_CLASSES. Reports a list with an unknown class, and then returns no classes. */
export function parseSpoolClasses (text: string): { classes: ReadonlySet<PriorityClass>, problems: ConfigProblem[] } {
  const words = text === NONE ? [] : text.split(',').map((word) => word.trim())
  if (words.every(isClass)) return { classes: new Set(words), problems: [] }
  return {
    classes: new Set(),
    problems: [{
      key: 'SPOOL_CLASSES',
      given: describeGiven('SPOOL_CLASSES', text),
      allowed: `${NONE}, or one or several of ${PRIORITY_CLASSES.join(', ')}, separated by commas`
    }]
  }
}

function isClass (word: string): word is PriorityClass {
  return (PRIORITY_CLASSES as readonly string[]).includes(word)
}
