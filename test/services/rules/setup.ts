import { pino } from 'pino'
import { PriorityMap } from '../../../services/event/priority-map.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Publication } from '../../../services/intake/event-bus.ts'
import { Outbound } from '../../../services/delivery/outbound.ts'
import type { ActionServices } from '../../../services/rules/action.ts'
import type { RuleRun } from '../../../services/rules/apply-rules.ts'
import { loadActions, parseRules, type Rule } from '../../../services/rules/parse-rules.ts'

export const NOW = new Date('2026-03-01T12:00:30.000Z')

export interface LogLine {
  level: number
  msg: string
  [field: string]: unknown
}

/** Action services that keep what is published; `answer` is what the event bus says to it. */
export function startServices () {
  const published: QueuedEvent[] = []
  const bus = { answer: { status: 'accepted', durability: 'queued' } as Publication }
  const services: ActionServices = {
    outbound: new Outbound(),
    publish: async (event) => { published.push(event); return bus.answer },
    priorities: new PriorityMap({ 'critical-alarm': 1 }, 5),
    now: () => NOW
  }
  return { published, bus, services }
}

/** A run whose log lines are kept. */
export function startRun (
  signal = new AbortController().signal, isLate: RuleRun['hasExpired'] = () => false
) {
  const lines: LogLine[] = []
  const log = pino({ level: 'trace', base: null }, {
    write: (line: string) => {
      lines.push(JSON.parse(line) as LogLine)
    }
  })
  return { lines, run: { signal, log, hasExpired: (event) => isLate(event) } satisfies RuleRun }
}

/** Rules of a file with this content. */
export async function compile (rules: unknown, services: ActionServices = startServices().services): Promise<Rule[]> {
  return parseRules(JSON.stringify({ rules }), await loadActions(), services)
}

/** A rule that matches everything, unless `fields` say otherwise. */
export function rule (fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: 'r', when: true, actions: [{ log: { level: 'info', message: 'matched' } }], ...fields }
}

export function event (fields: Partial<QueuedEvent> = {}): QueuedEvent {
  return {
    id: 'e1',
    type: 'telemetry-data',
    payload: { values: { temperature: 91.5 } },
    priority: 5,
    receivedAt: '2026-03-01T12:00:00.000Z',
    ...fields
  }
}
