/* The messages from the service to the page: the types of the service after a round trip through JSON. */
import type { Incident } from '../services/history/incident-watch.ts'
import type { Series as NumberSeries } from '../services/history/series.ts'
import type { State } from '../services/history/state.ts'

export type { CircuitState } from '../services/admission/circuit.ts'
export type { AdmissionMode as Mode } from '../services/admission/mode.ts'
export type { PriorityClass } from '../services/admission/priority-class.ts'
export type { StoredDeadLetter as DeadLetter } from '../services/dead-letters/dead-letter.ts'
export type { Replay } from '../services/dead-letters/replay.ts'
export type { LatestEvent } from '../services/receipt/latest-event.ts'
export type { ShownOrganization as Organization } from '../services/statements/shown-organization.ts'
export type { Incident, State }

/** One entry per second; null if unknown. */
export type Column = (number | null)[]

type InJson<Member> = Member extends number[] ? Column : { [Name in keyof Member]: Column }

/** Columns of equal length, one entry per second; NaN is null in JSON. */
export type Series = { time: number[] } & { [Name in Exclude<keyof NumberSeries, 'time'>]: InJson<NumberSeries[Name]> }

export type SettingsChange = NonNullable<State['settings']['lastChange']>

/** A setting other than the mode and the thresholds. */
export type SettingsField = State['settings']['further'][number]

/** The depth to come at one horizon. */
export type Ahead = NonNullable<State['forecast']>[number]

/** Settings that are tried beside those in force. */
export type Shadow = NonNullable<State['shadow']>

export type Worker = NonNullable<State['workers']>[number]

/** The figures of the last reading of the queue, while the current ones are unknown. */
export type LastKnown = NonNullable<State['lastKnown']>

/** `spool` is the local disk of the replica that answers. */
export type Decision = State['decisions'][keyof State['decisions']]

/** One message of the stream. */
export interface FeedMessage {
  series: Series
  incidents: Incident[]
  state: State
}

/** The state of the connection. */
export type Connection =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'stale', since: number, why: string }
  | { kind: 'unauthorized' }
  | { kind: 'forbidden', detail: string }
  | { kind: 'missing' }
