import { counted } from '../../services/terminal/counted.ts'
import { printable } from '../../services/terminal/printable.ts'
import type { Colour, Painter } from '../paint.ts'
import { SEVERITIES, type Finding, type Severity } from './finding.ts'

/** A finding and the name of the check that made it. */
export type NamedFinding = Finding & { readonly check: string }

const SIGNS: Readonly<Record<Severity, readonly [sign: string, colour: Colour]>> = {
  error: ['✗', 'red'],
  warning: ['!', 'yellow'],
  ok: ['✓', 'green']
}

/** Counts the findings of each severity. */
export function tally (findings: readonly NamedFinding[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, ok: 0 }
  for (const { severity } of findings) counts[severity]++
  return counts
}

/** Writes the findings, the worst first, each with the reason why it matters and the remedy. */
export function reportText (findings: readonly NamedFinding[], paint: Painter): string {
  const blocks = SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
    .map(({ severity, check, what, why, remedy }) => {
      const [sign, colour] = SIGNS[severity]
      return [
        `${paint(colour, sign)} ${printable(what, ' ')} ${paint('dim', `[${check}]`)}`,
        ...why === undefined ? [] : [`    why   ${printable(why, ' ')}`],
        ...remedy === undefined ? [] : [`    do    ${paint('bold', printable(remedy, ' '))}`]
      ].join('\n')
    })
  const { error, warning, ok } = tally(findings)
  return [...blocks, '', `${counted(error, 'error')}, ${counted(warning, 'warning')}, ${ok} ok`].join('\n')
}
