/*
 * The queue of a simulated fleet, with the steps that production takes in Redis: a batch is added if the queue stays
 * within its bound (services/queue/bullmq/lua/room.lua), the circuit moves if the caller knows its epoch
 * (services/queue/lua/move-circuit.lua), and the fleet has room for some records (services/queue/lua/report.lua).
 */
import type { AdmissionReading } from '../../services/admission/admission-state.ts'
import { worseState, type CircuitState } from '../../services/admission/circuit.ts'
import { circuitRecordOf, type CircuitAnswer, type CircuitStep } from '../../services/admission/circuit-record.ts'
import { PRIORITY_SLOTS } from '../../services/admission/priority-class.ts'
import { sum } from '../../services/admission/sum.ts'
import { MEMBER_LIFE_MS } from '../../services/fleet/member.ts'
import type { Shares } from '../../services/fleet/share.ts'

const NO_MEMORY = Object.freeze({ usedBytes: 0, maxBytes: 0, machineBytes: 0 })

export interface Change {
  readonly atMs: number
  readonly to: CircuitState
  /** The depth of the queue at that moment. */
  readonly depth: number
}

interface FleetRecord {
  atMs: number
  shares: Shares
}

export class SharedQueue {
  readonly changes: Change[] = []
  /** Steps that replicas have asked for, one of which moves the circuit. */
  asked = 0
  readonly #depths = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  readonly #enqueued = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  readonly #fleet = new Map<number, FleetRecord>()
  readonly #mostMembers: number
  #control: Readonly<Record<string, string>> = {}
  #done = 0
  #depth = 0

  /** @param mostMembers records that the fleet has room for */
  constructor (mostMembers: number) {
    this.#mostMembers = mostMembers
  }

  get depth (): number { return this.#depth }

  get done (): number { return this.#done }

  get state (): CircuitState { return this.changes.at(-1)?.to ?? 'CLOSED' }

  /** Adds events of one priority, all or none; returns whether they had room. */
  add (priority: number, events: number, mostDepth: number): boolean {
    if (this.#depth + events > mostDepth) return false
    this.#depth += events
    this.#depths[priority]! += events
    this.#enqueued[priority]! += events
    return true
  }

  /** Finishes so many events, the best first. */
  finish (events: number): void {
    let left = events
    for (let priority = 1; priority < PRIORITY_SLOTS && left > 0; priority++) {
      const finished = Math.min(left, this.#depths[priority]!)
      this.#depths[priority]! -= finished
      left -= finished
    }
    this.#depth = sum(this.#depths)
    this.#done += events - left
  }

  read (nowMs: number): AdmissionReading {
    return {
      redisTimeMs: nowMs, depthByPriority: [...this.#depths], enqueuedByPriority: [...this.#enqueued],
      done: this.#done, dead: 0, expired: 0, memory: NO_MEMORY, control: this.#control
    }
  }

  /** @param mostAgeMs an older reading moves nothing */
  move (
    { known, circuits, aboveEpoch, readAt = Infinity }: CircuitStep, nowMs: number, mostAgeMs: number
  ): CircuitAnswer {
    this.asked++
    const record = circuitRecordOf(this.#control)
    const state = record && worseState(record.circuits.depth, record.circuits.bytes)
    const expected = known && worseState(known.circuits.depth, known.circuits.bytes)
    const isKnown = (record?.epoch ?? 0) === (known?.epoch ?? 0) && state === expected
    const isMoved = isKnown && nowMs - readAt <= mostAgeMs
    if (isMoved) this.#move(worseState(circuits.depth, circuits.bytes), circuits, record?.epoch ?? 0, aboveEpoch, nowMs)
    return { isMoved, record: circuitRecordOf(this.#control), redisTimeMs: nowMs }
  }

  /** Writes the record of a replica, if the fleet has room for it. */
  report (id: number, shares: Shares, nowMs: number): void {
    for (const [other, { atMs }] of this.#fleet) if (nowMs - atMs >= MEMBER_LIFE_MS) this.#fleet.delete(other)
    const own = this.#fleet.get(id)
    if (own !== undefined) Object.assign(own, { atMs: nowMs, shares })
    else if (this.#fleet.size < this.#mostMembers) this.#fleet.set(id, { atMs: nowMs, shares })
  }

  /** The records of the others. */
  sharesBesides (id: number): Shares[] {
    const others: Shares[] = []
    for (const [other, { shares }] of this.#fleet) if (other !== id) others.push(shares)
    return others
  }

  #move (
    to: CircuitState, { depth, bytes }: CircuitStep['circuits'], epoch: number, aboveEpoch: number, nowMs: number
  ): void {
    const isChange = to !== this.state
    if (isChange) this.changes.push({ atMs: nowMs, to, depth: this.#depth })
    this.#control = {
      ...this.#control, 'circuit': to, 'circuit-depth': depth, 'circuit-bytes': bytes,
      'circuit-epoch': String(Math.max(epoch, aboveEpoch) + 1), ...(isChange && { 'circuit-since': String(nowMs) })
    }
  }
}
