import { readQueue } from '../../queue-status.ts'
import { AnswerError, UnreachableError, type ServiceApi } from '../../service-api.ts'
import type { ServiceFacts } from '../facts.ts'

/** Reads the state of a running service, and its clock from the Date header. */
export async function gatherService (service: ServiceApi, url: string): Promise<ServiceFacts> {
  try {
    const queue = await readQueue(service)
    const { headers, text } = await service.fetch('GET', 'api/v1/metrics/prometheus')
    const date = Date.parse(headers.get('date') ?? '')
    return {
      state: 'reached',
      url,
      queue,
      ledgerImbalance: imbalanceOf(text),
      clockAheadMs: Number.isNaN(date) ? undefined : date - Date.now()
    }
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof AnswerError)
      return { state: 'unreachable', url, reason: error.message }
    throw error
  }
}

/** Returns the difference in the ledger, for each side that knows it. */
function imbalanceOf (page: string): Record<string, number> {
  const sides = [...page.matchAll(/^spillway_ledger_imbalance\{[^}]*side="(\w+)"[^}]*\} (\S+)$/gm)]
  return Object
    .fromEntries(sides.map(([, side, events]) => [side as string, Number(events)]).filter(([, events]) =>
      Number.isFinite(events)
    ))
}
