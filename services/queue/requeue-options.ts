import type { Standing } from './rank.ts'

/** How events of a batch in work go back to the queue. */
export interface RequeueOptions {
  /** Token of the worker that processes the batch. */
  token?: string
  /** `retry` by default; `first` if no event was tried. */
  standing?: Standing
  /** Whether to run the batch alone: it may have killed its worker. */
  isStalled?: boolean
}
