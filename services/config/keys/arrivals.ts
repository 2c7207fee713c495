import { Type } from '@sinclair/typebox'

/** Keys of the record of arrivals. */
export const arrivalsKeys = {
  RECORD_ARRIVALS: Type.Boolean({
    default: false,
    description:
      'Record how many events of which priority, type and organization are offered every 100 ms, for the simulator; ' +
      'no payloads and no ids'
  }),
  RECORD_ARRIVALS_MAX_BYTES: Type.Integer({
    default: 268_435_456,
    minimum: 1_048_576,
    description: 'Most disk space of recorded arrivals, of all processes in one DATA_DIR; the oldest are deleted'
  })
}
