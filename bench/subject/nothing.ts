import type { Subject } from './subject.ts'

/** The subject of a case that needs no server, since it starts its own program. */
export const nothing: Subject = {
  needsRedis: false,
  hasWorker: false,
  start: async () => ({ ports: { server: 0 }, pids: {}, stop: async () => {} })
}
