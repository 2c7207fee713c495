/** Levels of durability that an answer may name, the weakest first. */
export const LEVELS = ['queued', 'synced', 'spooled'] as const

export type Level = typeof LEVELS[number]
