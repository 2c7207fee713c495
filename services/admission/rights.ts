/** The rights of the producer of an offer, as far as admission judges them. */
export interface Rights {
  readonly id: string
  /** The organization that all its events belong to; undefined if they may name any. */
  readonly organizationId: string | undefined
  /** Its ceiling: its events may have this priority or a lower one. */
  readonly bestPriority: number
  /** The types of events that it may post; undefined for all. */
  readonly types: ReadonlySet<string> | undefined
}

/** The rights of a producer without a key, and of the service itself. */
export const UNLIMITED: Rights = Object.freeze({
  id: 'anonymous', organizationId: undefined, bestPriority: 1, types: undefined
})
