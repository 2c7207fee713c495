/*
 * The circuit as all replicas share it: fields of the control record, which a script changes in one step. Each change
 * has a number, the epoch. A replica that wants to move the circuit names the epoch that it knows, so of several that
 * see the same crossing one moves the circuit, and the others find it moved.
 */
import { CIRCUIT_STATES, worseState, type Circuits, type CircuitState } from './circuit.ts'

/** Fields of the control record. Processes of earlier versions know the first and the last of the states. */
const CIRCUIT_FIELDS = {
  /** The worse state of the two circuits. */
  state: 'circuit',
  /** The states of the circuit of the depth, and of that of bytes. */
  depth: 'circuit-depth',
  bytes: 'circuit-bytes',
  epoch: 'circuit-epoch',
  /** When the worse state began, milliseconds of the clock of Redis. */
  since: 'circuit-since',
  /** Changes of the worse state, of all processes. */
  transitions: 'circuit-transitions'
} as const

/** A record holds smaller epochs than this; the one after the last is 1. A larger one is damage. */
export const MOST_EPOCH = Number.MAX_SAFE_INTEGER

export interface CircuitRecord {
  readonly circuits: Circuits
  /** 0 if a process of an earlier version wrote the record. */
  readonly epoch: number
  /** Undefined if it is not recorded. */
  readonly since: number | undefined
}

/** A change that a replica wants to record. */
export interface CircuitStep {
  /** Undefined if there is none. */
  readonly known: CircuitRecord | undefined
  readonly circuits: Circuits
  /** The new epoch is above this one, even if the record was lost. */
  readonly aboveEpoch: number
  /** When the facts behind the step were read, milliseconds of the clock of Redis; undefined for facts of now. */
  readonly readAt: number | undefined
}

/** The answer to a step: if another replica was first, or the facts were too old, the record stays as it is. */
export interface CircuitAnswer {
  readonly isMoved: boolean
  readonly record: CircuitRecord | undefined
  /** The clock of Redis, milliseconds. */
  readonly redisTimeMs: number
}

/** Reads the circuit from the control record; undefined if it is not there, or unreadable. */
export function circuitRecordOf (control: Readonly<Record<string, string>>): CircuitRecord | undefined {
  const state = stateIn(control, CIRCUIT_FIELDS.state)
  if (state === undefined) return undefined
  const depth = stateIn(control, CIRCUIT_FIELDS.depth)
  const bytes = stateIn(control, CIRCUIT_FIELDS.bytes) ?? 'CLOSED'
  const since = control[CIRCUIT_FIELDS.since]
  return {
    // A process of an earlier version leaves the states of the parts behind when it changes the whole.
    circuits: depth !== undefined && worseState(depth, bytes) === state
      ? { depth, bytes }
      : { depth: state, bytes: worseState(bytes, state) === state ? bytes : 'CLOSED' },
    epoch: countOf(control[CIRCUIT_FIELDS.epoch]) ?? 0,
    since: countOf(since)
  }
}

/** Changes of the state that the replicas have recorded, ever. */
export function transitionsOf (control: Readonly<Record<string, string>>): number {
  return countOf(control[CIRCUIT_FIELDS.transitions]) ?? 0
}

export function isSameCircuit (one: Circuits | undefined, other: Circuits | undefined): boolean {
  return one?.depth === other?.depth && one?.bytes === other?.bytes
}

function stateIn (control: Readonly<Record<string, string>>, field: string): CircuitState | undefined {
  const state = control[field] as CircuitState
  return CIRCUIT_STATES.includes(state) ? state : undefined
}

/** Reads digits, and only what the scripts that write the record read in the same way. */
function countOf (text = ''): number | undefined {
  const count = Number(text)
  return /^\d+$/.test(text) && count < MOST_EPOCH ? count : undefined
}
