import { leavesOf } from '../../services/settings/merge-patch.ts'
import { counted } from '../../services/terminal/counted.ts'
import type { ShadowStatus } from '../../services/status/shadow-status.ts'

/** Says which settings are tried, and which events they would have treated otherwise; the counts are of one replica. */
export function shadowText ({ settings, circuitState, byClass }: ShadowStatus): string {
  const tried = [...leavesOf(settings)].map(([field, value]) => `${field}=${textOf(value)}`)
  const classes = Object.values(byClass)
  const refuses = classes.reduce((sum, { onlyShadowRefuses }) => sum + onlyShadowRefuses, 0)
  const stores = classes.reduce((sum, { onlyLiveRefuses }) => sum + onlyLiveRefuses, 0)
  return `${tried.join(', ')}: circuit ${circuitState}, would refuse ${counted(refuses, 'stored event')} and store ${
    counted(stores, 'refused one')}, by this replica`
}

function textOf (value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
