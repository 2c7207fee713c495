import type { Thresholds } from '../services/admission/thresholds.ts'
import type { Parameter, SubjectContext } from './subject.ts'

/** Multiplies all thresholds but the hard limit, whose ratios stay. */
export const SCALE: Parameter = { low: 0.001, high: 3, initial: 1 }

/** The smallest thresholds that are still in order. */
const LEAST = { recovery: 1, warning: 2, critical: 3 }

/** The context with thresholds multiplied by the parameter `scale`. */
export function scaledThresholds (context: SubjectContext): SubjectContext {
  const { settings, parameters: { scale = 1 } } = context
  return { ...context, settings: { ...settings, thresholds: scaledBy(scale, settings.thresholds) } }
}

/** The thresholds multiplied, still in order. */
export function scaledBy (scale: number, { recovery, warning, critical, hardLimit }: Thresholds): Thresholds {
  const times = (value: number, least: number) => Math.max(least, Math.round(value * scale))
  return {
    recovery: times(recovery, LEAST.recovery),
    warning: times(warning, LEAST.warning),
    critical: Math.min(hardLimit - 1, times(critical, LEAST.critical)),
    hardLimit
  }
}
