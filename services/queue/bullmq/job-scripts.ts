import type { Redis } from 'ioredis'
import { Scripts } from '../../redis/scripts.ts'
import { LEAST_CHARGE } from '../../organizations/fair-order.ts'
import { SCORES_PER_MS, SCORES_PER_RANK } from './scores.ts'

const KEY_COUNTS = {
  absorb: 1,
  'adopt-jobs': 8,
  'begin-alone': 2,
  'count-batch': 6,
  'end-alone': 1,
  'find-remembered': 1,
  'first-rank': 3,
  hasten: 1,
  'holds-lock': 1,
  'mark-stalled': 1,
  order: 4,
  'pass-turn': 1,
  place: 3,
  read: 18,
  'rebuild-due': 2,
  recount: 7,
  remember: 2,
  room: 5,
  settle: 6,
  'settle-failed': 3,
  trace: 6,
  unadd: 3,
  'void-batch': 1
} as const

export type JobScript = keyof typeof KEY_COUNTS

/** The scripts that read or write jobs in BullMQ's layout, on one connection. */
export type JobScripts = Scripts<JobScript>

export function loadJobScripts (redis: Redis): JobScripts {
  return new Scripts(redis, import.meta.url, KEY_COUNTS, { SCORES_PER_RANK, SCORES_PER_MS, LEAST_CHARGE })
}
