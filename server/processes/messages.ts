import type { ProcessPage } from '../../services/metrics/merged-page.ts'
import type { Started } from '../welcome.ts'

/**
 * A process tells its supervisor that it listens, that it does not hang, asks for the pages of metrics of the others, or
 * sends its own.
 */
export type FromProcess =
  | { readonly kind: 'started', readonly started: Started }
  | { readonly kind: 'alive' }
  | { readonly kind: 'pages-wanted', readonly request: number }
  | { readonly kind: 'page', readonly request: number, readonly text: string }

/**
 * The supervisor asks a process for a sign of life or for its page, or answers with the pages of the
 * others.
 */
export type FromSupervisor =
  | { readonly kind: 'alive-wanted' }
  | { readonly kind: 'page-wanted', readonly request: number }
  | {
    readonly kind: 'pages'
    readonly request: number
    readonly others: readonly ProcessPage[]
  }
