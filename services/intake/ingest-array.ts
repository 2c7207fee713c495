import type { TurnShare } from '../clock/turn-share.ts'
import { Confirmations } from './confirmations.ts'
import { offer, type EventSink } from './event-sink.ts'
import { ReportBuilder, type IngestReport } from './ingest-report.ts'
import { ResultAllowance } from './result-allowance.ts'
import type { IntakeContext } from './request-head.ts'
import type { TakenElement } from './take-array.ts'

/** Offers the elements of an array and reports on every one of them. */
export async function ingestArray (
  elements: readonly TakenElement[], sink: EventSink, { producer, durability }: IntakeContext, share: TurnShare
): Promise<IngestReport> {
  const report = new ReportBuilder('all', new ResultAllowance({ mostResults: elements.length }))
  const confirmations = new Confirmations()
  const common = { sink, producer, durability, report, confirmations }
  for (const [index, { intake, bytes, reason }] of elements.entries()) {
    if (share.isSpentAfter(bytes)) await share.next()
    offer({ index }, intake, bytes, common, reason)
  }
  await confirmations.settle()
  return report.build()
}
