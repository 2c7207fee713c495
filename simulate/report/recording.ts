import type { WorldOptions } from '../options.ts'
import type { World } from '../world/world.ts'

/** Sentences that say how far a run can be trusted to be what the recording saw. */
export function recordingNotes (
  { recording, measuredCapacity }: World, { capacityPerSecond }: WorldOptions
): string[] {
  if (recording === undefined) return []
  const { damages, settingsVersions, refusedBy } = recording
  const refused = Object.entries(refusedBy).map(([reason, events]) => `${reason} ${events.toLocaleString('en')}`)
  return [
    ...damages,
    ...(settingsVersions.length > 1
      ? [`the settings changed during the recording (versions ${settingsVersions.join(', ')}); the run has the last ones`]
      : []),
    ...(refused.length > 0 ? [`the service refused: ${refused.join(', ')}`] : []),
    ...(measuredCapacity === undefined && capacityPerSecond === undefined
      ? ['the recording shows no capacity, so --load decides; --capacity sets it']
      : [])
  ]
}
