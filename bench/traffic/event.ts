/** Length of a posted event, unless a scenario sets another. */
export const EVENT_BYTES = 250

/** The number of different events that take turns, so that no parser sees the same bytes twice in a row. */
export const VARIANTS = 16

/** The properties of an event. */
export interface EventShape {
  readonly priority?: number
  readonly organizationId?: string
  /** Length of the JSON text. */
  readonly bytes?: number
}

/** Returns the JSON text of an event: a reading of a device, padded to its length with a note. */
export function eventText (
  variant: number,
  { priority, organizationId, bytes = EVENT_BYTES }: EventShape = {}
): string {
  const text = (note: string) =>
    JSON.stringify({
      type: 'telemetry-data',
      ...(priority !== undefined && { priority }),
      ...(organizationId !== undefined && { organizationId }),
      payload: {
        deviceId: `device-${1_000 + variant}`,
        values: { temperature: 20 + variant / 10, humidity: 0.5 },
        isCharging: variant % 2 === 0,
        note
      }
    })
  return text('x'.repeat(Math.max(0, bytes - text('').length)))
}

/** Returns the texts of all variants. */
export function eventTexts (shape?: EventShape): string[] {
  return Array.from({ length: VARIANTS }, (_, variant) => eventText(variant, shape))
}
