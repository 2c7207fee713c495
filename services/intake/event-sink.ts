import type { Rights } from '../admission/rights.ts'
import type { Durability } from '../event/durability.ts'
import type { Intake } from './event-intake.ts'
import type { Confirmations } from './confirmations.ts'
import type { Place, ReportBuilder } from './ingest-report.ts'
import type { QueueEventBus } from './queue-event-bus.ts'

/** The destination of events: the event bus, for many events at once. */
export type EventSink = Pick<QueueEventBus, 'submit' | 'refuseInvalid'>

/** The context that the events of one body share. */
export interface Offer {
  readonly sink: EventSink
  readonly producer: Rights
  readonly durability: Durability
  readonly report: ReportBuilder
  readonly confirmations: Confirmations
}

/** Offers one event of many, or refuses an invalid one, and adds the result to the report. */
export function offer (
  place: Place,
  intake: Intake,
  bytes: number,
  { sink, producer, durability, report, confirmations }: Offer,
  reason = 'invalid-event'
): void {
  if (!intake.ok) {
    sink.refuseInvalid(producer)
    report.refuseInvalid(place, reason, intake.errors)
    return
  }
  const { event, key, text } = intake
  confirmations.expect(bytes)
  sink.submit(event, { bytes, producer, key, text, durability, isPatient: true, mayFollow: true }, (publication) => {
    report.publish(place, event, publication)
    confirmations.record(bytes)
  })
}
