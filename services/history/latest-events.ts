/*
 * The events that this process accepted last, for people who look for their own: a ring that keeps a few each second.
 * Under load an event costs one comparison; only kept events cost more. Texts are copied, because a slice of a body
 * would keep the whole body in memory.
 */
import type { QueuedEvent } from '../event/event.ts'
import { payloadTextOf } from '../event/event-json.ts'
import { copyFields, READABLE_FIELDS } from '../event/fields.ts'
import { memberText } from '../event/json-text.ts'

/** Events that are kept. */
export const MOST_LATEST = 100
/** Events that the ring keeps between two refills, a second apart. */
const MOST_PER_REFILL = 10
/** A longer payload is not kept; this bounds the memory of the ring. */
export const MOST_PAYLOAD_CHARACTERS = 32_768

const TOO_LONG = Symbol('too long')

const LISTED_FIELDS = READABLE_FIELDS.filter((name) => name !== 'payload')

/** An event that was accepted lately. */
export type KeptEvent = Pick<QueuedEvent, (typeof LISTED_FIELDS)[number]> & {
  /** The source of a CloudEvent. */
  readonly source?: string
  /** The payload as posted; undefined if there is none or it is too long. */
  readonly payloadText: string | undefined
  readonly isPayloadTooLong: boolean
}

export class LatestEvents {
  /** Newest last. */
  readonly #kept: KeptEvent[] = []
  #room = MOST_PER_REFILL
  #accepted = 0

  /** Events that were accepted since the start, kept or not. */
  get accepted (): number { return this.#accepted }

  /** Records an accepted event; `text` is its whole text if the event has no parsed payload. */
  record (event: QueuedEvent, text: string | undefined): void {
    this.#accepted++
    if (this.#room === 0) return
    this.#room--
    if (this.#kept.length === MOST_LATEST) this.#kept.shift()
    this.#kept.push(kept(event, text))
  }

  /** Lets the ring keep further events; to be called each second. */
  refill (): void {
    this.#room = MOST_PER_REFILL
  }

  /**
   * The latest events, newest first.
   *
   * @param within the organization whose events may be seen; all by default
   */
  list (limit: number, type: string | undefined, within?: string): KeptEvent[] {
    const found: KeptEvent[] = []
    for (let index = this.#kept.length - 1; index >= 0 && found.length < limit; index--) {
      const event = this.#kept[index] as KeptEvent
      if ((type === undefined || event.type === type) && isWithin(event, within)) found.push(event)
    }
    return found
  }

  /** Returns the latest event with this id, within the organization and source if they are given. */
  find (
    id: string,
    { organizationId, source }: { organizationId?: string, source?: string } = {},
    within?: string
  ): KeptEvent | undefined {
    return this.#kept.findLast((event) =>
      event.id === id && isWithin(event, within) &&
      (organizationId === undefined || event.organizationId === organizationId) &&
      (source === undefined || event.source === source)
    )
  }
}

function isWithin ({ organizationId }: KeptEvent, within: string | undefined): boolean {
  return within === undefined || organizationId === within
}

function kept (event: QueuedEvent, text: string | undefined): KeptEvent {
  const source = event.attributes?.source
  const payload = payloadWithinBounds(event, text)
  return {
    ...copyFields(event, LISTED_FIELDS) as Pick<QueuedEvent, (typeof LISTED_FIELDS)[number]>,
    ...(typeof source === 'string' && { source }),
    payloadText: payload === TOO_LONG ? undefined : payload,
    isPayloadTooLong: payload === TOO_LONG
  }
}

function payloadWithinBounds (event: QueuedEvent, text: string | undefined): string | typeof TOO_LONG | undefined {
  // A text this long is not searched, although white space may make up most of it.
  if (text !== undefined && text.length > 2 * MOST_PAYLOAD_CHARACTERS) return TOO_LONG
  const posted = event.payloadText ?? (text === undefined ? undefined : memberText(text, 'payload'))
  const payloadText = posted ?? payloadTextOf(event)
  if (payloadText === undefined) return undefined
  if (payloadText.length > MOST_PAYLOAD_CHARACTERS) return TOO_LONG
  return Buffer.from(payloadText).toString()
}
