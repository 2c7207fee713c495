/*
 * The batches of one shard and priority that wait to be written. Without a fair order there is one that takes events,
 * the last. In a fair order there is one for each group (see services/organizations/fair-order.ts):
 *
 *   first ─► │ group 0, full │ group 3, full │ group 0 │ group 5 │       a batch is written when it is full, or when
 *                                                                        no batch of its group is being written
 *
 * Events of a flow stay in order. A flow goes on with the batch that has its last event until that is full, and then
 * never uses one before it: batches of a list are written in order, except that a full one may pass one with room, which
 * has none of its flows.
 */
import type { QueuedEvent } from '../event/event.ts'
import { MOST_GROUPS, type Charge, type FairOrder, type Flow } from '../organizations/fair-order.ts'

/** The result of the write of a batch, one object for all its events. */
export type BatchEnd<Result> =
  | { readonly isStored: true, readonly result: Result }
  /** `isWritten` is false if the batch was not tried because the one before it failed. */
  | { readonly isStored: false, readonly error: unknown, readonly isWritten: boolean }

/** The data that goes with an event into its batch. */
export interface Enclosure {
  /** Size of the event as JSON, if known. */
  readonly bytes: number
  /** The digest that identifies the event in Redis. */
  readonly key?: string | undefined
  /** The posted JSON of the event, if it is stored unchanged. */
  readonly text?: string | undefined
  /** The depth that the queue may reach with the event in it; without a bound if absent. */
  readonly mostDepth?: number
}

export interface OpenBatch<Result> {
  readonly group: number
  /** Its place in the order in which batches of this list were opened. */
  readonly number: number
  events: QueuedEvent[]
  /** Undefined until an event has a key. */
  keys: (string | null)[] | undefined
  /** Undefined until an event has a text. */
  texts: (string | undefined)[] | undefined
  bytes: number
  /** The depth that the queue may reach with all of them in it: the largest bound of any. */
  mostDepth: number
  /** In events of mean service time; 0 without a fair order. */
  work: number
  /** The charges of its flows; undefined without a fair order. */
  readonly charges: Map<Flow, Charge> | undefined
  /** Callbacks for the end of the batch, one for each event. */
  readonly settles: ((end: BatchEnd<Result>) => void)[]
}

export interface OpenBatchesOptions {
  readonly priority: number
  readonly maxEvents: number
  readonly maxBytes: number
  readonly fairOrder: FairOrder | undefined
}

export class OpenBatches<Result> {
  readonly #options: OpenBatchesOptions
  #batches: OpenBatch<Result>[] = []
  /** The last batch of each group. */
  readonly #last: (OpenBatch<Result> | undefined)[] = []
  /** Batches of each group that are being written. */
  readonly #writing = new Uint32Array(MOST_GROUPS)
  /** The batch that has the last event of a flow. */
  readonly #holders = new Map<Flow, OpenBatch<Result>>()
  #opened = 0

  constructor (options: OpenBatchesOptions) {
    this.#options = options
  }

  /** Adds an event to the next batch of its kind. */
  add (
    event: QueuedEvent, { bytes, key, text, mostDepth = Infinity }: Enclosure, settle: (end: BatchEnd<Result>) => void
  ): void {
    const { fairOrder } = this.#options
    const batch = fairOrder?.isOn === true ? this.#fairBatch(event, fairOrder) : this.#lastBatch()
    if (text !== undefined) {
      batch.texts ??= []
      batch.texts[batch.events.length] = text
    }
    if (key !== undefined || batch.keys !== undefined) {
      batch.keys ??= batch.events.map(() => null)
      batch.keys.push(key ?? null)
    }
    batch.events.push(event)
    batch.settles.push(settle)
    batch.bytes += bytes
    if (mostDepth > batch.mostDepth) batch.mostDepth = mostDepth
  }

  /** Takes the next batch that is to be written now; undefined if there is none. */
  take (): OpenBatch<Result> | undefined {
    const index = this.#batches.findIndex((batch) => this.#isFull(batch) || this.#writing[batch.group] === 0)
    if (index === -1) return undefined
    const [batch] = this.#batches.splice(index, 1) as [OpenBatch<Result>]
    this.#writing[batch.group]!++
    this.#letGo(batch)
    return batch
  }

  /** Tells that a batch has been written, or could not be. */
  written ({ group }: OpenBatch<Result>): void {
    this.#writing[group]!--
  }

  /** Takes all batches that wait. */
  takeAll (): OpenBatch<Result>[] {
    const all = this.#batches
    this.#batches = []
    for (const batch of all) this.#letGo(batch)
    return all
  }

  #lastBatch (): OpenBatch<Result> {
    const last = this.#batches.at(-1)
    return last === undefined || last.charges !== undefined || this.#isFull(last) ? this.#open(0, undefined) : last
  }

  #fairBatch (event: QueuedEvent, order: FairOrder): OpenBatch<Result> {
    const { priority } = this.#options
    const flow = order.flowOf(priority, event)
    const charge = order.chargeOf(flow, event)
    const holder = this.#holders.get(flow)
    const group = holder === undefined || this.#isFull(holder) ? order.groupOf(priority, flow, charge) : undefined
    order.advance(priority, flow, charge)
    const batch = group === undefined ? holder! : this.#join(flow, charge, group, holder)
    if (batch === holder) batch.charges!.get(flow)!.whole += charge
    batch.work += order.workOf(event)
    return batch
  }

  /** @param before the batch that has the event of the flow before this one */
  #join (flow: Flow, charge: number, group: number, before: OpenBatch<Result> | undefined): OpenBatch<Result> {
    const last = this.#last[group]
    const isUsable = last?.charges !== undefined && !this.#isFull(last) && !(before && before.number > last.number)
    const batch = isUsable ? last : this.#open(group, new Map())
    batch.charges!.set(flow, { flow, first: charge, whole: charge })
    flow.waiting++
    this.#holders.set(flow, batch)
    return batch
  }

  #open (group: number, charges: OpenBatch<Result>['charges']): OpenBatch<Result> {
    const batch: OpenBatch<Result> = {
      group, number: this.#opened++, events: [], keys: undefined, texts: undefined, bytes: 0, mostDepth: 0, work: 0,
      charges, settles: []
    }
    this.#batches.push(batch)
    this.#last[group] = batch
    return batch
  }

  /** No event can join the batch any more. */
  #letGo (batch: OpenBatch<Result>): void {
    if (this.#last[batch.group] === batch) this.#last[batch.group] = undefined
    for (const flow of batch.charges?.keys() ?? []) {
      flow.waiting--
      if (this.#holders.get(flow) === batch) this.#holders.delete(flow)
    }
  }

  /** In a fair order, also a batch with as much work as that many events: it would keep a worker from all others. */
  #isFull ({ events, bytes, work }: OpenBatch<Result>): boolean {
    const { maxEvents, maxBytes } = this.#options
    return events.length >= maxEvents || bytes >= maxBytes || work >= maxEvents
  }
}
