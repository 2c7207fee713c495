import type { Parameter, SubjectContext } from './subject.ts'

/** Multiplies all thresholds but the hard limit, whose ratios stay. */
export const SCALE: Parameter = { low: 0.001, high: 3, initial: 1 }

/** The smallest thresholds that are still in order. */
const LEAST = { recovery: 1, warning: 2, critical: 3 }

/** The context with thresholds multiplied by the parameter `scale`. */
export function scaledThresholds (context: SubjectContext): SubjectContext {
  const { settings, parameters: { scale = 1 } } = context
  const { thresholds: { recovery, warning, critical, hardLimit } } = settings
  const times = (value: number, least: number) => Math.max(least, Math.round(value * scale))
  return {
    ...context,
    settings: {
      ...settings,
      thresholds: {
        recovery: times(recovery, LEAST.recovery),
        warning: times(warning, LEAST.warning),
        critical: Math.min(hardLimit - 1, times(critical, LEAST.critical)),
        hardLimit
      }
    }
  }
}
