import type { Fleet } from '../fleet/member.ts'

/** The parts of the last reading that a process already knows. */
export interface Known {
  /** The fingerprint of the settings. */
  readonly settings: string
  readonly fleet: Fleet
  /** The number of changes of the fleet; the reading contains the fleet only if this has changed. */
  readonly fleetChanges: string
  /** Whether the reading has to contain the fleet anyway. */
  readonly needsFleet: boolean
  /** Whether other processes may hear the reading; by default if the fleet has several. */
  readonly isHeard?: boolean
  /** Whether this process settles if it has the lease or it is free; true by default. */
  readonly leads?: boolean
}
