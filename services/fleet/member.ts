/*
 * The processes of a service as they announce themselves: each is one field of a hash in Redis, under its id.
 *
 *   <when it was announced last, milliseconds of the clock of Redis> <record, JSON>
 *
 * Each process writes its record once a second, or every four seconds at rest, and removes records older than
 * MEMBER_LIFE_MS. The process that reads the queue reads the records once a second, and whenever one has changed.
 */
import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { CIRCUIT_STATES } from '../admission/circuit.ts'
import { ConfigSchema } from '../config/schema.ts'

/** How often a process announces itself while there is work. */
export const ANNOUNCE_INTERVAL_MS = 1_000

/** The same at rest, when there is nothing to tell the others but that it is alive. */
export const REST_ANNOUNCE_INTERVAL_MS = 4_000

/** A process without an announcement for this long is no longer listed. */
export const MEMBER_LIFE_MS = 5_000

/** Further processes work, but are not listed. */
export const MOST_MEMBERS = 250

/** Longer records are removed. */
export const MOST_RECORD_BYTES = 4_096

/** The reasons for which a live worker takes no batch. */
export type HoldReason = 'no-handlers' | 'consumer-unreachable' | 'dead-letters-full'

const Count = Type.Integer({ minimum: 0 })

const WorkerSchema = Type.Object({
  /** Batches in work at once. */
  concurrency: Count,
  /** Names of its handlers, in their order. */
  handlers: Type.Array(Type.String()),
  /** Why it takes no batch now; empty if it takes batches. A newer version may have other reasons. */
  holds: Type.Array(Type.Unsafe<HoldReason>(Type.String()))
})

/** The fields that every process announces. */
export const MEMBER_FIELDS = {
  id: Type.String({ description: 'A process has a new one with each start' }),
  role: Type.Union(ConfigSchema.properties.ROLE.anyOf),
  host: Type.String(),
  pid: Count,
  version: Type.String({ description: 'The version of Spillway' }),
  startedAt: Type.String({ description: 'RFC 3339' }),
  circuitState: Type.Union(CIRCUIT_STATES.map((state) => Type.Literal(state))),
  settingsVersion: Type.Integer({ minimum: 0, description: 'The version of the settings that the process follows' }),
  queueShards: Type.Optional(Type.Integer({ minimum: 1, description: 'Its QUEUE_SHARDS; absent for 1' }))
}

const MemberSchema = Type.Object({
  ...MEMBER_FIELDS,
  /** Absent if the process is no worker. */
  worker: Type.Optional(WorkerSchema),
  /** The counts of its policies; see share.ts. */
  shares: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.Number())))
})

const check = TypeCompiler.Compile(MemberSchema)

type Unchanging<Value> = { readonly [Name in keyof Value]: Unchanging<Value[Name]> }

/** The part of a record that is about the worker of a process. */
export type WorkerPart = Unchanging<Static<typeof WorkerSchema>>

/** A process as it announces itself. */
export type Member = Unchanging<Static<typeof MemberSchema>>

export interface FleetMember extends Member {
  /** The time of its last announcement, milliseconds of the clock of Redis. */
  readonly seenAt: number
}

export interface Fleet {
  /** In the order of their start. */
  readonly members: readonly FleetMember[]
  /** Records that could not be read. */
  readonly skipped: number
}

/** A live worker, as metrics and the dashboard show it. */
export interface WorkerEntry extends WorkerPart, Pick<Member, 'id' | 'pid' | 'startedAt'> {
  readonly hostname: string
}

/** The answer of the script: the number of broken records that it removed, then time and record of each member. */
export type FleetReply = readonly [skipped: number, ...records: string[]]

/** Decodes records and tolerates any content of Redis. */
export function decodeFleet ([skipped, ...flat]: FleetReply): Fleet {
  const members = Array.from({ length: flat.length / 2 }, (_, index) =>
    decodeMember(Number(flat[index * 2]), flat[index * 2 + 1] ?? ''))
  const known = members.filter((member) => member !== undefined)
  return {
    members: known.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt) || a.id.localeCompare(b.id)),
    skipped: skipped + members.length - known.length
  }
}

/** The workers of a fleet. */
export function workersOf ({ members }: Fleet): WorkerEntry[] {
  return members.flatMap(({ id, host, pid, startedAt, worker }) =>
    worker === undefined ? [] : [{ id, hostname: host, pid, startedAt, ...worker }])
}

function decodeMember (seenAt: number, record: string): FleetMember | undefined {
  try {
    const member: unknown = JSON.parse(record)
    return check.Check(member) ? { ...member, seenAt } : undefined
  } catch {
    return undefined
  }
}
