/*
 * Names every key in Redis. No other code creates names of keys, so services with different namespaces share nothing:
 *
 *   {<namespace>:<shard>}:<name>                         a key of Spillway
 *   {<namespace>:<shard>}:rule-engine-events:<name>      a key of BullMQ, or the hash of a job
 *
 * The braces are a hash tag: on a Redis Cluster the keys of a shard are in one slot, which scripts over several keys
 * need. A batch is a job of BullMQ, and a stub replaces a finished one, so a late second try of its add has no effect.
 * All other keys are outside of the prefix that BullMQ uses for jobs.
 */
import { JobKeys } from './bullmq/job-keys.ts'

/** Name of the BullMQ queue of events. */
export const QUEUE_NAME = 'rule-engine-events'

/** Returns the pattern of all keys of a namespace for an ACL of Redis. */
export function keyPatternOf (namespace: string): string {
  return `~{${namespace}:*`
}

/** Returns the pattern of all its channels. */
export function channelPatternOf (namespace: string): string {
  return `&{${namespace}:*`
}

/** The keys of one shard of a namespace. */
export class QueueKeys {
  /** The prefix for BullMQ. */
  readonly root: string
  /** The keys of BullMQ. */
  readonly jobs: JobKeys

  /** The bookings, by field; see services/ledger/. */
  readonly ledger: string
  /** Bounds the depth from above; see bullmq/lua/room.lua. */
  readonly depthBound: string
  /** Delayed retries, by due time and priority. */
  readonly due: string
  /** Where the next batch of each flow begins in a fair order, see services/organizations/fair-order.ts. */
  readonly finishes: string
  /** The processes by id, as they announce themselves; see services/fleet/member.ts. */
  readonly fleet: string
  /** The state that every replica follows: the circuit, the numbers of resets and of changes of the fleet. */
  readonly control: string
  /** The record of the forecast; see services/forecast/learned-record.ts. */
  readonly forecast: string
  /** The settings of operators; see services/settings/record.ts. */
  readonly settings: string
  /** The latest changes of the settings, latest first. */
  readonly settingsHistory: string
  /** The API keys by id; see services/producer/key.ts. */
  readonly apiKeys: string
  /** When API keys were used last, by id. */
  readonly apiKeysUsed: string
  /** The statements of organizations; see services/statements/. */
  readonly statements: string
  /** Organizations with statements by their events ever, and by their present ones. */
  readonly statementWeights: string
  readonly statementRanking: string
  /** Batches with receipts, by the time of their settlement. */
  readonly receipts: string
  /** Differences of the ledger that operators have written off, latest first. */
  readonly rebases: string
  /** Names the process that settles and reads for all; see settler.ts. */
  readonly settleLease: string
  /** The channel of moves of the circuit. */
  readonly circuitMoves: string
  /** The channel of its readings; processes of versions with another form of them have another number. */
  readonly readings: string
  /** Damaged keys that are not yet rebuilt. */
  readonly repairs: string

  /** Prefix of the digest of a remembered event, and of the id of a batch whose digests count. */
  readonly seenPrefix: string
  /** Numbers of remembered events, by expiry. */
  readonly seenCounts: string

  /** Ids of the dead letters, by time of death. */
  readonly deadLetters: string
  /** Prefix of the id of a dead letter; the key holds its hash. */
  readonly deadLetterPrefix: string
  /** Bytes of dead letters, totals of discarded and replayed ones, and the last score. */
  readonly deadLetterFigures: string
  /** Bytes of the dead letters of each group. */
  readonly deadLetterGroups: string
  /** Positions of the searches for dead letters of a group to discard. */
  readonly deadLetterCursors: string

  /** Ids of replays by start time: all known ones, and the unfinished ones. */
  readonly replays: string
  readonly unfinishedReplays: string
  /** Prefix of the id of a replay; the key holds its hash. */
  readonly replayPrefix: string
  /** Prefix of the id of a replay; the key holds the requested ids of dead letters. */
  readonly replayIdsPrefix: string
  /** Names the process that works on replays. */
  readonly replayLease: string

  /** A key that never exists, for checks of commands. */
  readonly probe: string

  constructor (namespace: string, shard = 0) {
    this.root = `{${namespace}:${shard}}`
    this.jobs = new JobKeys(this.root, QUEUE_NAME)
    const key = (name: string) => `${this.root}:${name}`
    this.ledger = key('ledger')
    this.depthBound = key('depth-bound')
    this.due = key('due')
    this.finishes = key('finishes')
    this.fleet = key('fleet')
    this.control = key('control')
    this.forecast = key('forecast')
    this.settings = key('settings')
    this.settingsHistory = key('settings-history')
    this.apiKeys = key('api-keys')
    this.apiKeysUsed = key('api-keys-used')
    this.statements = key('statements')
    this.statementWeights = key('statement-weights')
    this.statementRanking = key('statement-ranking')
    this.receipts = key('receipts')
    this.rebases = key('rebases')
    this.settleLease = key('settle-lease')
    this.readings = key('readings:1')
    this.circuitMoves = key('circuit-moves')
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

  /** Returns the key of the event with this digest; see idempotency-key.ts. */
  seen (digest: string): string {
    return `${this.seenPrefix}${digest}`
  }

  /** Returns the key of the mark that makes the digests of this batch count. */
  seenMark (batchId: string): string {
    return `${this.seenPrefix}${batchId}`
  }

  /** Returns the key of the number of a process's last booking. */
  lastBooking (processId: string): string {
    return `${this.root}:last-booking:${processId}`
  }

  /** Returns the key of the number of a process's last booking in the statements. */
  lastStatementBooking (processId: string): string {
    return `${this.root}:last-statement-booking:${processId}`
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
   * @param unique distinguishes it from later damaged ones
   */
  aside (key: string, unique: string): string {
    return `${this.root}:damaged:${key.slice(this.root.length + 1)}:${unique}`
  }
}
