import { eventOffer, type Offer, type OfferedEvent } from '../../services/admission/offer.ts'
import { LOWEST_PRIORITY } from '../../services/admission/priority-class.ts'

/**
 * Makes one offer for each of so many organizations. The events are parsed from JSON like those of producers, so none
 * shares memory with another. Their priorities are mixed evenly.
 *
 * @param highestPriority the first priority of the mixture: 1 with critical events, 2 without
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

/** Returns the same offers in an order that jumps far in memory. */
function scattered (offers: readonly Offer[]): Offer[] {
  // A stride that is coprime to the count visits each offer once.
  let stride = Math.max(1, Math.floor(offers.length * 0.618))
  while (greatestCommonDivisor(stride, offers.length) > 1) stride++
  return offers.map((_, index) => offers[index * stride % offers.length] as Offer)
}

function greatestCommonDivisor (a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
