/*
 * Names every key in Redis. Nothing else makes one, so that two services with different namespaces share nothing:
 *
 *   {<namespace>:<shard>}:<name>                         a key of Spillway
 *   {<namespace>:<shard>}:rule-engine-events:<name>      a key of BullMQ, or the hash of a job
 *
 * The braces are a hash tag: on a Redis Cluster the keys of a shard live in one slot, which scripts over several keys
 * need. A batch is a job of BullMQ, and a stub stays in the place of one that is gone, where a late second try of its add
 * finds it. All else is outside of what BullMQ takes for jobs.
 */
import { JobKeys } from './bullmq/job-keys.ts'

/** Name of the BullMQ queue that events travel in. */
export const QUEUE_NAME = 'rule-engine-events'

/** All keys of a namespace, whatever their shard, as the pattern of an ACL of Redis. */
export function keyPatternOf (namespace: string): string {
  return `~{${namespace}:*`
}

/** The keys of one shard of a namespace. */
export class QueueKeys {
  /** The prefix that BullMQ is given. */
  readonly root: string
  /** Those of BullMQ. */
  readonly jobs: JobKeys

  /** The bookings, by field; see services/ledger/. */
  readonly ledger: string
  /** Retries that are put off, by when they are due and priority. */
  readonly due: string
  /** The processes that announce themselves, by their ids; see services/fleet/member.ts. */
  readonly fleet: string
  /** The state that every replica follows: the circuit, the numbers of resets and of changes of the fleet. */
  readonly control: string
  /** The record of the forecast; see services/forecast/learned-record.ts. */
  readonly forecast: string
  /** The settings that operators have made; see services/settings/record.ts. */
  readonly settings: string
  /** The latest changes of the settings, the latest first. */
  readonly settingsHistory: string
  /** Batches of which receipts are kept, by when they were settled. */
  readonly receipts: string
  /** Differences of the ledger that operators have written off, the latest first. */
  readonly rebases: string
  /** Names the process that settles; see settler.ts. */
  readonly settleLease: string
  /** Damaged keys that are not yet built again. */
  readonly repairs: string

  /** Before the digest of a remembered event, and before the id of a batch whose digests count. */
  readonly seenPrefix: string
  /** How many events are remembered until when. */
  readonly seenCounts: string

  /** Ids of the dead letters by when they died. */
  readonly deadLetters: string
  /** Before the id of a dead letter: a hash of what is known of it. */
  readonly deadLetterPrefix: string
  /** Bytes that are kept, what was ever discarded and replayed, and the score that was given last. */
  readonly deadLetterFigures: string
  /** Bytes of the dead letters of each group. */
  readonly deadLetterGroups: string
  /** How far the dead letters were looked through for some of a group that have to go. */
  readonly deadLetterCursors: string

  /** Ids of replays by when they began; all that are known, and those that are not over. */
  readonly replays: string
  readonly unfinishedReplays: string
  /** Before the id of a replay: a hash of what is known of it. */
  readonly replayPrefix: string
  /** Before the id of a replay: the ids of the dead letters that it was asked for. */
  readonly replayIdsPrefix: string
  /** Names the process that works on replays. */
  readonly replayLease: string

  /** Nobody has this key; what is tried on it changes nothing. */
  readonly probe: string

  constructor (namespace: string, shard = 0) {
    this.root = `{${namespace}:${shard}}`
    this.jobs = new JobKeys(this.root, QUEUE_NAME)
    const key = (name: string) => `${this.root}:${name}`
    this.ledger = key('ledger')
    this.due = key('due')
    this.fleet = key('fleet')
    this.control = key('control')
    this.forecast = key('forecast')
    this.settings = key('settings')
    this.settingsHistory = key('settings-history')
    this.receipts = key('receipts')
    this.rebases = key('rebases')
    this.settleLease = key('settle-lease')
    this.repairs = key('repairs')
    this.seenPrefix = key('seen:')
    this.seenCounts = key('seen-counts')
    this.deadLetters = key('dead-letters')
    this.deadLetterPrefix = key('dead-letter:')
    this.deadLetterFigures = key('dead-letter-figures')
    this.deadLetterGroups = key('dead-letter-groups')
    this.deadLetterCursors = key('dead-letter-cursors')
    this.replays = key('replays')
    this.unfinishedReplays = key('unfinished-replays')
    this.replayPrefix = key('replay:')
    this.replayIdsPrefix = key('replay-ids:')
    this.replayLease = key('replay-lease')
    this.probe = key('probe')
  }

  /** The event that is remembered by this digest; see idempotency-key.ts. */
  seen (digest: string): string {
    return `${this.seenPrefix}${digest}`
  }

  /** The mark that the digests which name this batch count. */
  seenMark (batchId: string): string {
    return `${this.seenPrefix}${batchId}`
  }

  /** The number of the last booking of what a process has answered. */
  lastBooking (processId: string): string {
    return `${this.root}:last-booking:${processId}`
  }

  deadLetter (id: string): string {
    return `${this.deadLetterPrefix}${id}`
  }

  replay (id: string): string {
    return `${this.replayPrefix}${id}`
  }

  replayIds (id: string): string {
    return `${this.replayIdsPrefix}${id}`
  }

  /**
   * Returns the new name of a damaged key of this shard.
   *
   * @param unique tells it from one that is damaged later
   */
  aside (key: string, unique: string): string {
    return `${this.root}:damaged:${key.slice(this.root.length + 1)}:${unique}`
  }
}
