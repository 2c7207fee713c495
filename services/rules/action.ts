import type { Static, TObject } from '@sinclair/typebox'
import type { Logger } from 'pino'
import type { Outbound } from '../delivery/outbound.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { PriorityMap } from '../event/priority-map.ts'
import type { EventBus } from '../intake/event-bus.ts'
import type { EventData } from './event-data.ts'
import type { Outcome } from '../event/outcome.ts'
import type { Report } from './problem.ts'

/** The services of the process that actions need. */
export interface ActionServices {
  publish: EventBus['publish']
  /** The priority of an event's type, if its emitter sets none. */
  priorities: PriorityMap
  now: () => Date
  /** Where connections may lead. */
  outbound: Outbound
}

/** The event for which an action runs, with its rule and its place there. */
export interface Occasion {
  event: QueuedEvent
  data: EventData
  ruleId: string
  /** Place of the action in its rule, from 0. */
  index: number
  signal: AbortSignal
  /** Whether the deadline of an event has passed, with the time that a call needs to reach its receiver. */
  hasExpired: (event: QueuedEvent) => boolean
  log: Logger
}

export type Action = (occasion: Occasion) => Promise<Outcome>

/** The place of an action in the file, and the services it may use when it runs. */
export interface Preparation {
  path: string
  report: Report
  services: ActionServices
}

/** A file in actions/ exports one by default. Its name is the key in a rules file, its schema the value of that key. */
export interface ActionDefinition {
  schema: TObject
  /** Runs once per action of a file, with parameters that fit the schema. */
  prepare: (parameters: never, preparation: Preparation) => Action
}

/** Ties the type of the parameters to their schema. */
export function defineAction<Schema extends TObject> (
  schema: Schema, prepare: (parameters: Static<Schema>, preparation: Preparation) => Action
): ActionDefinition {
  return { schema, prepare }
}

/** Tells whether a module's default export is an action; anything else in actions/ stops the boot. */
export function isActionDefinition (candidate: unknown): candidate is ActionDefinition {
  const definition = candidate as Partial<ActionDefinition> | null | undefined
  return typeof definition === 'object' && definition !== null && definition.schema?.type === 'object' &&
    typeof definition.prepare === 'function'
}
