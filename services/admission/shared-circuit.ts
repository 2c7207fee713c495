/*
 * The view that one replica has of the shared circuit:
 *
 *   in step      the record and this replica have the same circuits
 *   ahead        this replica has moved its own circuits, and asks for the same in the record
 *
 * A replica acts on its own step at once, so a lone process needs no answer to shed. The record decides: if another
 * replica was first, this one follows it, and if Redis refuses writes, it stays ahead and asks again with each reading.
 */
import type { Circuits } from './circuit.ts'
import { isSameCircuit, type CircuitAnswer, type CircuitRecord, type CircuitStep } from './circuit-record.ts'

const CLOSED: Circuits = Object.freeze({ depth: 'CLOSED', bytes: 'CLOSED' })

export class SharedCircuit {
  /** The record as this replica saw it last. */
  #known: CircuitRecord | undefined
  #highestEpoch = 0
  #isAsking = false

  /** Takes in the record of a reading; returns it if this replica has to follow it. */
  observe (record: CircuitRecord | undefined): CircuitRecord | undefined {
    if (isSameRecord(record, this.#known)) return undefined
    this.#know(record)
    return record
  }

  /** Takes in a record that another replica has just written; returns it if this one has to follow it. */
  hear (record: CircuitRecord): CircuitRecord | undefined {
    // Messages and answers come on two connections: it may be older than the known one.
    return record.epoch > (this.#known?.epoch ?? 0) ? this.observe(record) : undefined
  }

  /**
   * Compares the circuits of this replica with the record. Returns the step to ask for; undefined if they agree, or an
   * answer is on its way.
   *
   * @param readAt see CircuitStep
   */
  step (circuits: Circuits, readAt: number | undefined): CircuitStep | undefined {
    if (this.#isAsking || isSameCircuit(circuits, this.#known?.circuits ?? CLOSED)) return undefined
    this.#isAsking = true
    return { known: this.#known, circuits, aboveEpoch: this.#highestEpoch, readAt }
  }

  /** Takes in the answer to a step; returns the record if this replica has to follow it. */
  answered ({ isMoved, record }: CircuitAnswer): CircuitRecord | undefined {
    this.#isAsking = false
    this.#know(record)
    return isMoved ? undefined : record ?? { circuits: CLOSED, epoch: 0, since: undefined }
  }

  /** The step had no answer: this replica goes its own way until one is recorded. */
  failed (): void {
    this.#isAsking = false
  }

  #know (record: CircuitRecord | undefined): void {
    this.#known = record
    this.#highestEpoch = Math.max(this.#highestEpoch, record?.epoch ?? 0)
  }
}

function isSameRecord (one: CircuitRecord | undefined, other: CircuitRecord | undefined): boolean {
  return one?.epoch === other?.epoch && isSameCircuit(one?.circuits, other?.circuits)
}
