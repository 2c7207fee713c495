/*
 * A checksum at the end of a JSON object that Redis stores as text:
 *
 *   {"events":[…],"receivedMs":[…],"crc32":"9a3f00c1"}
 *
 * It covers the text before it and the id of the record: neither a changed byte nor a text under the id of another
 * record passes. JSON parsers see one more member. An earlier version wrote no checksum; such a text passes. One flipped
 * bit cannot make a damaged text look like that: a bit of the name of the member is no bit of the content.
 */
import { crc32 } from 'node:zlib'

const NAME = ',"crc32":"'
const END = '"}'
const DIGITS = 8
const LENGTH = NAME.length + DIGITS + END.length

/** Returns the text of an object with its checksum as the last member. */
export function sealed (id: string, text: string): string {
  const content = text.slice(0, -1)
  return `${content}${NAME}${checksum(id, content)}${END}`
}

/** Returns the text without its checksum; undefined if the checksum is wrong. */
export function unsealed (id: string, text: string): string | undefined {
  const place = text.length - LENGTH
  if (!text.startsWith(NAME, place)) return text
  const content = text.slice(0, place)
  return text.endsWith(`${checksum(id, content)}${END}`) ? `${content}}` : undefined
}

/** Whether a text is as it was written. */
export function isIntact (id: string, text: string): boolean {
  return unsealed(id, text) !== undefined
}

function checksum (id: string, content: string): string {
  return crc32(content, crc32(id)).toString(16).padStart(DIGITS, '0')
}
