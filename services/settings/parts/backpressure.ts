import { Type, type Static } from '@sinclair/typebox'
import { ASCENDING_THRESHOLDS } from '../../admission/thresholds.ts'
import { ConfigSchema } from '../../config/schema.ts'
import { modeSchema, type SettingsPart } from '../part.ts'
import { orderErrors } from '../value-order.ts'

type ThresholdKey =
  'QUEUE_RECOVERY_THRESHOLD' | 'QUEUE_WARNING_THRESHOLD' | 'QUEUE_CRITICAL_THRESHOLD' | 'QUEUE_HARD_LIMIT'

/** The bounds and the description of an environment key; its value is the default of the setting. */
function ofKey (key: ThresholdKey) {
  const { minimum, maximum, description } = ConfigSchema.properties[key]
  return Type.Integer({ minimum, maximum, description } as object)
}

const BackpressureSchema = Type.Object({
  mode: modeSchema('Shed load; decide, count and log but admit all; or admit all'),
  thresholds: Type.Object({
    warning: ofKey('QUEUE_WARNING_THRESHOLD'),
    critical: ofKey('QUEUE_CRITICAL_THRESHOLD'),
    recovery: ofKey('QUEUE_RECOVERY_THRESHOLD'),
    hardLimit: ofKey('QUEUE_HARD_LIMIT')
  }, { additionalProperties: false })
}, { additionalProperties: false })

export type BackpressureSettings = Static<typeof BackpressureSchema>

const backpressure: SettingsPart<typeof BackpressureSchema> = {
  schema: BackpressureSchema,
  defaults: (config) => ({
    mode: config.ENABLE_BACKPRESSURE,
    thresholds: {
      warning: config.QUEUE_WARNING_THRESHOLD,
      critical: config.QUEUE_CRITICAL_THRESHOLD,
      recovery: config.QUEUE_RECOVERY_THRESHOLD,
      hardLimit: config.QUEUE_HARD_LIMIT
    }
  }),
  conflicts: ({ thresholds }, isGiven, isValid) => {
    const wrong = orderErrors(
      ASCENDING_THRESHOLDS.map((name) => ({ field: `thresholds.${name}`, name, value: thresholds[name] })), '<', isValid
    )
    const given = wrong.filter(({ field }) => isGiven(field))
    return given.length > 0 ? given : wrong
  }
}

export default backpressure
