import { balanceOf, type Imbalance } from '../services/ledger/balance.ts'
import { ledgerOf } from '../services/ledger/ledger.ts'
import type { QueueReading } from '../services/queue/reading.ts'

/** The part of a reading that the fields of the ledger make up. */
export function booked (fields: Readonly<Record<string, number>>): Pick<QueueReading, 'ledger' | 'balance'> {
  const ledger = ledgerOf(fields)
  return { ledger, balance: balanceOf(ledger) }
}

/** By how many events a ledger with these fields does not add up. */
export function imbalance (fields: Readonly<Record<string, number>>): Imbalance {
  return booked(fields).balance.imbalance
}
