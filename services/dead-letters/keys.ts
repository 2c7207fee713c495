import { KEY_PREFIX } from '../queue/keys.ts'

/** Ids of the letters by when they died. */
export const LETTERS = `${KEY_PREFIX}:dead-letters`

/** Before the id of a letter: a hash of what is known of it. */
export const LETTER_PREFIX = `${LETTERS}:`

/** Bytes of the letters of each group, and how far the letters were looked through for some that have to go. */
export const GROUPS = `${KEY_PREFIX}:dead-letters-groups`
export const CURSORS = `${KEY_PREFIX}:dead-letters-cursors`

/** Bytes that are kept, what was ever discarded and replayed, and the score that was given last. */
export const FIGURES = `${KEY_PREFIX}:dead-letters-figures`

/** Ids of replays by when they began; all that are known, and those that are not over. */
export const REPLAYS = `${KEY_PREFIX}:replays`
export const UNFINISHED_REPLAYS = `${KEY_PREFIX}:replays-unfinished`

/** Before the id of a replay. */
export const REPLAY_PREFIX = `${REPLAYS}:`

/** Names the process that works on replays. */
export const REPLAY_LEASE = `${KEY_PREFIX}:replays-lease`
