/*
 * Writes and reads the text in Redis under the digest of a posted event:
 *
 *   <batch>.<index>-<digest> <digest of the type>        the answered id names the place
 *   <batch>.<index> <digest of the type> <own id>        it does not
 *
 * The id of the batch begins with the promised priority.
 */
import type { StoredIdentity } from '../event/identity-conflict.ts'
import { textDigest } from '../event/text-digest.ts'
import type { QueuedEvent } from '../event/event.ts'
import { parseBatchId, placeId } from './batch.ts'

/** A remembered event with its first place, as placeId returns it. */
export interface Remembered extends StoredIdentity {
  readonly place: string
}

export function encodeRemembered (place: string, { id, type }: QueuedEvent): string {
  return id.startsWith(`${place}-`) ? `${id} ${textDigest(type)}` : `${place} ${textDigest(type)} ${id}`
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

/** An event of a batch with an identity that is stored already, and the stored event. */
export interface Repeat extends Remembered {
  readonly index: number
}

/** Decodes the answer of bullmq/lua/remember.lua: the index of each repetition, and its remembered text. */
export function decodeRepeats (reply: readonly string[]): Repeat[] {
  return Array.from({ length: reply.length / 2 }, (_, position) => {
    return { index: Number(reply[position * 2]), ...decodeRemembered(reply[position * 2 + 1] as string) }
  })
}
