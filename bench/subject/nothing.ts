import type { Subject } from './subject.ts'

/** For what needs no server: a case that brings a program of its own. */
export const nothing: Subject = {
  needsRedis: false,
  hasWorker: false,
  start: async () => ({ ports: { server: 0 }, pids: {}, stop: async () => {} })
}
