/*
 * Writes and reads the text that stands in Redis under the digest of an event that was posted:
 *
 *   <batch>.<index>-<digest> <digest of the type>        the id that was answered names the place
 *   <batch>.<index> <digest of the type> <own id>        it does not
 *
 * The batch begins with the priority that was promised.
 */
import { typeDigest, type StoredIdentity } from '../event/identity-conflict.ts'
import type { QueuedEvent } from '../event/event.ts'
import { parseBatchId, placeId } from './batch.ts'

/** A remembered event, and where it was put first, as placeId gives it. */
export interface Remembered extends StoredIdentity {
  readonly place: string
}

export function encodeRemembered (place: string, { id, type }: QueuedEvent): string {
  return id.startsWith(`${place}-`) ? `${id} ${typeDigest(type)}` : `${place} ${typeDigest(type)} ${id}`
}

export function decodeRemembered (text: string): Remembered {
  const [first = '', type = '', ...rest] = text.split(' ')
  const [, batchId = '', index = ''] = /^([^.]*)\.(\d+)/.exec(first) ?? []
  return {
    place: placeId(batchId, Number(index)),
    id: rest.length === 0 ? first : rest.join(' '),
    priority: parseBatchId(batchId)?.priority ?? 0,
    typeDigest: type
  }
}

/** An event of a batch whose identity was in the queue before, and what is stored under it. */
export interface Repeat extends StoredIdentity {
  readonly index: number
}

/** Reads what bullmq/lua/remember.lua answers: the index of each, and what is remembered of it. */
export function decodeRepeats (reply: readonly string[]): Repeat[] {
  return Array.from({ length: reply.length / 2 }, (_, position) => {
    const { place: _place, ...identity } = decodeRemembered(reply[position * 2 + 1] as string)
    return { index: Number(reply[position * 2]), ...identity }
  })
}
