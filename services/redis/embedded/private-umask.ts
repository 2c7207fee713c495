import { isMainThread } from 'node:worker_threads'

/**
 * Calls `create` so that new files, also of a process that it spawns, are for their user alone. In a worker thread the
 * mask cannot be set; there the mask of the process holds.
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
