import type { QueueAnswer } from '../../services/status/queue-answer.ts'
import { counted } from '../../services/terminal/counted.ts'
import type { QueueStatus } from '../queue-status.ts'

type Kinds = Pick<QueueAnswer['control'], 'thresholds' | 'shedding' | 'sampling'>
type Fairness = Partial<Pick<QueueAnswer['control'], 'fairness' | 'organizationsAboveShare' | 'fairOrder'>>

/**
 * Says how load is controlled, and which share of each class is refused or left out of the sample; undefined while
 * the queue cannot be read, and for a service of a version that does not tell. Unless the mode is `true` there
 * are no shares: nothing is refused.
 */
export function controlText ({ isKnown, control, backpressure: { mode } }: QueueStatus): string | undefined {
  if (!isKnown || control === undefined || !tellsKinds(control)) return undefined
  const { thresholds, shedding, sampling, shedShareByClass = {}, keptShareByClass = {} } = control
  const leftOut = Object.entries<number>(keptShareByClass).map(([name, kept]) => [name, 1 - kept] as const)
  // Sampling stands in for the refusals of a class.
  const sampled = new Set(leftOut.flatMap(([name, share]) => share > 0 ? [name] : []))
  const refused = Object.entries<number>(shedShareByClass).filter(([name]) => !sampled.has(name))
  return [
    [
      `${thresholds} thresholds`,
      `${shedding} shedding`,
      ...(sampling === 'off' ? [] : [`sampling ${sampling}`]),
      ...fairnessTexts(control)
    ].join(', '),
    ...(mode === 'true' ? [sharesText('refuses', refused), sharesText('leaves out', leftOut)] : [])
  ].filter((text) => text !== '').join('; ')
}

function fairnessTexts ({ fairness = 'off', organizationsAboveShare: above = 0, fairOrder = 'off' }: Fairness): string[] {
  return [
    ...(fairness === 'off' ? [] : [`fair shares${above === 0 ? '' : ` (${counted(above, 'organization')} above)`}`]),
    ...(fairOrder === 'off' ? [] : [`fair order of ${fairOrder}`])
  ]
}

function tellsKinds (control: Partial<Kinds>): control is Kinds {
  return control.thresholds !== undefined && control.shedding !== undefined && control.sampling !== undefined
}

function sharesText (verb: string, shares: readonly (readonly [string, number])[]): string {
  const parts = shares.flatMap(([name, share]) => share > 0 ? [`${percent(share)} % of ${name}`] : [])
  return parts.length === 0 ? '' : `${verb} ${parts.join(', ')}`
}

/** Returns a share in percent, with one decimal below one percent. */
function percent (share: number): string {
  return (share * 100).toFixed(share < 0.01 ? 1 : 0)
}
