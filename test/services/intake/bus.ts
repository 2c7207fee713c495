import { Registry } from '@prometheus-io/client'
import type { NamedPolicy } from '../../../services/admission/policy.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import type { StoredIdentity } from '../../../services/event/identity-conflict.ts'
import { textDigest } from '../../../services/event/text-digest.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Offering, Publication } from '../../../services/intake/event-bus.ts'
import { QueueEventBus, type EventBusOptions } from '../../../services/intake/queue-event-bus.ts'
import type { StoredBatch } from '../../../services/intake/stored-batch.ts'
import { RetryAccuracy } from '../../../services/control/retry-accuracy.ts'
import { countAdmissions } from '../../../services/ledger/count-admissions.ts'
import { AdmissionLedger } from '../../../services/ledger/admission-ledger.ts'
import { AdmissionMetrics } from '../../../services/metrics/admission-metrics.ts'
import { Usage } from '../../../services/organizations/usage.ts'
import { StatementBook } from '../../../services/statements/statement-book.ts'
import type { Batch } from '../../../services/queue/batch.ts'
import { Batchers } from '../../../services/intake/batchers.ts'
import { readingOf, startGate } from '../admission/setup.ts'

export const event = (priority = 5, id = 'e'): QueuedEvent => ({
  id,
  type: 'x',
  payload: null,
  priority,
  receivedAt: ''
})
export const stored = (id: string, priority = 5, type = 'x'): StoredIdentity => ({
  id, priority, typeDigest: textDigest(type)
})
export const QUEUED: StoredBatch = { durability: 'queued', repeats: new Map() }

export interface BusOptions {
  depth?: number
  write?: (batch: Batch) => Promise<StoredBatch>
  spooled?: Record<string, StoredIdentity>
  onTraced?: EventBusOptions['onTraced']
  further?: NamedPolicy[]
}

export async function startBus (
  { depth = 0, write = async () => QUEUED, spooled = {}, onTraced, further = [] }: BusOptions = {}
) {
  const written: (Batch & { backlog: string })[] = []
  const admission = new AdmissionLedger()
  const types: string[] = []
  const counters = countAdmissions(admission, new AdmissionMetrics(new Registry(), []), {
    record: (type) => types.push(type)
  }, new RetryAccuracy({ now: () => 0 }), new Usage(), new StatementBook())
  const spool = { classes: new Set<PriorityClass>(['critical']), canWrite: true }
  const { gate } = await startGate({ spool, counters, further })
  gate.observe(readingOf({ 5: depth }))
  const to = (backlog: string) => async (batch: Batch) => {
    written.push({ ...batch, backlog })
    return await write(batch)
  }
  const batchers = new Batchers({
    store: { queued: to('queued'), synced: to('synced'), spooled: to('spooled') },
    inTransit: gate.inTransit,
    shardOf: () => 0,
    maxEvents: 10,
    maxBytes: 1_000,
    patience: {
      patienceMs: 0,
      isQueueThere: () => true,
      nextSignals: () => gate.nextSignals(),
      stopped: new AbortController().signal
    }
  })
  const bus = new QueueEventBus({
    gate,
    batchers,
    spooledEvent: (key) => spooled[key],
    ...(onTraced && { onTraced })
  })
  admission.watch(() => bus.pending)
  return { bus, gate, written, admission, types }
}

/** Submits an event and answers the list of its results, which fills later. */
export function submitted (bus: QueueEventBus, event: QueuedEvent, offering: Offering = {}): Publication[] {
  const told: Publication[] = []
  bus.submit(event, offering, (publication) => { told.push(publication) })
  return told
}
