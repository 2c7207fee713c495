const CODES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM'])

/**
 * Whether this process could not look, for want of descriptors or memory: such an error says nothing of what it looked
 * for.
 */
export function isShortage (error: unknown): boolean {
  return CODES.has((error as NodeJS.ErrnoException).code)
}
