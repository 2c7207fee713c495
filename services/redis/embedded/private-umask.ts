import { isMainThread } from 'node:worker_threads'

/**
 * Calls `create` with a mask that makes new files private to the user, also those of spawned processes. A worker thread
 * cannot set the mask and keeps that of the process.
 */
export function withPrivateUmask<Created> (create: () => Created): Created {
  if (!isMainThread) return create()
  const before = process.umask(0o077)
  try {
    return create()
  } finally {
    process.umask(before)
  }
}
