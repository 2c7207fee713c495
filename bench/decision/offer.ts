import { eventOffer, type Offer, type OfferedEvent } from '../../services/admission/offer.ts'
import { LOWEST_PRIORITY } from '../../services/admission/priority-class.ts'

/**
 * The offers of events of as many organizations, one each, parsed from JSON as those of producers are, so that none shares memory with
 * another. Their priorities are mixed evenly.
 *
 * @param highestPriority of which the mixture begins: 1 with critical events, 2 without
 */
export function offersOf (organizations: number, highestPriority: number): Offer[] {
  const priorities = LOWEST_PRIORITY - highestPriority + 1
  const offers = Array.from({ length: organizations }, (_, index) => {
    const text = JSON.stringify({
      organizationId: `organization-${index}`,
      type: 'telemetry-data',
      priority: highestPriority + index % priorities,
      payload: { deviceId: `device-${index}`, temperature: index / 7, note: `${index}`.padEnd(150, '.') }
    })
    return eventOffer(JSON.parse(text) as OfferedEvent, Buffer.byteLength(text))
  })
  return scattered(offers)
}

/** The same in an order that goes far apart in memory. */
function scattered (offers: readonly Offer[]): Offer[] {
  // A stride that shares no factor with the count meets every one of them once.
  let stride = Math.max(1, Math.floor(offers.length * 0.618))
  while (greatestCommonDivisor(stride, offers.length) > 1) stride++
  return offers.map((_, index) => offers[index * stride % offers.length] as Offer)
}

function greatestCommonDivisor (a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
