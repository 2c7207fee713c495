import { leavesOf } from '../../services/settings/merge-patch.ts'
import type { Recommendation } from '../recommendation/recommend.ts'

/** The reasons, the patch, the command that applies it, and lines for the environment. */
export function recommendationText ({ patch, environment, reasons }: Recommendation): string {
  const assignments = [...leavesOf(patch)].map(([field, value]) => `${field}=${String(value)}`)
  const lines = Object.entries(environment).map(([key, value]) => `${key}=${value}`)
  return [
    reasons.map((reason) => `- ${reason}`).join('\n'),
    assignments.length === 0
      ? 'No change of the settings is proposed.'
      : `PATCH /api/v1/settings:\n${JSON.stringify(patch, null, 2)}\n\n` +
        `npx spillway settings set ${assignments.join(' ')}`,
    ...(lines.length === 0 ? [] : [`Environment:\n${lines.join('\n')}`])
  ].join('\n\n')
}
