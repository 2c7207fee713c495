/*
 * A key gives its organization and its ceiling to each event that is posted with it. The text of a posted event is
 * stored without being serialized again, so both are written in front of its members:
 *
 *   posted   {"type":"order","payload":1}
 *   stored   {"organizationId":"acme","ceiling":5,"type":"order","payload":1}
 *
 * The schema of a posted event refuses `ceiling`, so no producer can write it.
 */
import type { QueuedEvent } from '../event/event.ts'

export interface Stamp {
  readonly organizationId: string
  readonly ceiling: number
  /** The beginning of the text of an event that names no organization, and of one that names the same. */
  readonly beginning: string
  readonly shortBeginning: string
}

/** Returns what a key with this organization and this ceiling gives to its events. */
export function stampOf (organizationId: string, ceiling: number): Stamp {
  return {
    organizationId,
    ceiling,
    beginning: `{"organizationId":${JSON.stringify(organizationId)},"ceiling":${ceiling},`,
    shortBeginning: `{"ceiling":${ceiling},`
  }
}

/**
 * Stamps an event, and returns its text with the stamp. Changes the event.
 *
 * @param text the posted JSON of the event, an object with members; undefined if it is not stored unchanged
 */
export function stamped (event: QueuedEvent, text: string | undefined, stamp: Stamp): string | undefined {
  const isNamed = event.organizationId !== undefined
  event.organizationId ??= stamp.organizationId
  event.ceiling = stamp.ceiling
  return text && (isNamed ? stamp.shortBeginning : stamp.beginning) + text.slice(text.indexOf('{') + 1)
}
