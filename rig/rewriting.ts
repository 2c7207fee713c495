import { join } from 'node:path'

const REWRITE = join(import.meta.dirname, 'rewrite.ts')

/** A replacement in the source of the product. */
export interface Rewriting {
  readonly module: string
  readonly replace: readonly [from: string, to: string]
}

/** Returns the flags and the environment of a Node.js process that runs with the replacement. */
export function rewrittenStart (
  { module, replace }: Rewriting
): { readonly flags: readonly string[], readonly env: Readonly<Record<string, string>> } {
  return { flags: ['--import', REWRITE], env: { REWRITE: JSON.stringify({ module, replace }) } }
}

/** Counts the text to replace in the source; the replacement is only valid if the text occurs once. */
export function anchorsIn (source: string, { replace: [from] }: Rewriting): number {
  return source.split(from).length - 1
}
