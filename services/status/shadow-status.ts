import { Type, type Static } from '@sinclair/typebox'
import type { Shadowing } from '../control/shadowing.ts'
import { ThresholdsSchema } from './schema.ts'

const Agreement = Type.Object({
  bothAdmit: Type.Integer(),
  bothRefuse: Type.Integer(),
  onlyLiveRefuses: Type.Integer(),
  onlyShadowRefuses: Type.Integer()
})
const Shares = Type.Object({ critical: Type.Number(), normal: Type.Number(), low: Type.Number() })

export const ShadowStatusSchema = Type.Object({
  since: Type.String({ description: 'When this replica began to count' }),
  settings: Type.Object({}, {
    additionalProperties: true, description: 'The settings that are tried; all others are those in force'
  }),
  mode: Type.String(),
  circuitState: Type.String({ description: 'The circuit as it would be for this queue' }),
  thresholds: ThresholdsSchema,
  shedShare: Type.Number({ description: 'As in `control`' }),
  shedShareByClass: Shares,
  keptShareByClass: Shares,
  byClass: Type.Object({ critical: Agreement, normal: Agreement, low: Agreement }, {
    description:
      'Events and unread requests by who would have stored them; an event that a sample leaves out counts as refused'
  }),
  decisions: Type.Array(Type.Object({
    priorityClass: Type.String(),
    live: Type.String({ description: 'admitted, sampled, or the reason of the refusal' }),
    shadow: Type.String({ description: 'The same under the settings of the shadow' }),
    count: Type.Integer()
  }), { description: 'The same, by outcome' })
}, { description: 'Figures of the answering replica. Both sides see the queue that the settings in force have made.' })

export type ShadowStatus = Static<typeof ShadowStatusSchema>

/** Returns the state of a shadow and its counts; undefined without one. */
export function shadowStatus ({ shadow, control, trial }: Shadowing): ShadowStatus | undefined {
  if (shadow === undefined || control === undefined || trial === undefined) return undefined
  const { counts, mode, since, controller: { signals: { circuitState, thresholds } } } = shadow
  const { shedShare, shedShareByClass, keptShareByClass } = control.state
  return {
    since: new Date(since).toISOString(),
    settings: trial.document as object,
    mode,
    circuitState,
    thresholds,
    shedShare,
    shedShareByClass,
    keptShareByClass,
    byClass: counts.byClass,
    decisions: counts.decisions
  }
}
