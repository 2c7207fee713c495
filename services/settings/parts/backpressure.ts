import { Type, type Static } from '@sinclair/typebox'
import { ASCENDING_THRESHOLDS, outOfOrder } from '../../admission/thresholds.ts'
import { ConfigSchema } from '../../config/schema.ts'
import { modeSchema, type SettingsPart } from '../part.ts'

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

const pathOf = (name: string) => `thresholds.${name}`

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
    const names = ASCENDING_THRESHOLDS.filter((name) => isValid(pathOf(name)))
    const wrong = outOfOrder(names.map((name) => thresholds[name])).map((index) => names[index]!)
    const given = wrong.filter((name) => isGiven(pathOf(name)))
    const message = `Expected values in the order ${names.map((name) => `${name} (${thresholds[name]})`).join(' < ')}`
    return (given.length > 0 ? given : wrong).map((name) => ({ field: pathOf(name), message }))
  }
}

export default backpressure
