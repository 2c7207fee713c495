import type { ReadReply } from './decode-reading.ts'

/** Parts of a published answer. */
const PARTS = 23

/** The parts that are lists whatever the queue holds. */
const LISTS = [1, 2, 3, 4, 12, 13, 14, 15, 22]

/**
 * Decodes an answer of bullmq/lua/read.lua that the script has published as JSON; undefined for any other text. In JSON
 * of Lua an absent part is false, and an empty list an empty object.
 */
export function decodePublished (text: string): ReadReply | undefined {
  const parts = parsed(text)
  if (!Array.isArray(parts) || parts.length !== PARTS) return undefined
  const reply = parts.map((part: unknown) => part === false ? null : isEmptyObject(part) ? [] : part)
  const isReply = Number.isSafeInteger(reply[0]) && LISTS.every((part) => Array.isArray(reply[part]))
  return isReply ? reply as unknown as ReadReply : undefined
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isEmptyObject (part: unknown): boolean {
  return typeof part === 'object' && part !== null && !Array.isArray(part) && Object.keys(part).length === 0
}
