import { Value } from '@sinclair/typebox/value'
import { pino } from 'pino'
import type { Test } from 'tap'
import { ConfigSchema, type Config } from '../../../services/config/schema.ts'
import { parseSpoolClasses } from '../../../services/config/spool-classes.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { HoldReason } from '../../../services/fleet/member.ts'
import { NO_TRACING } from '../../../services/tracing/tracing.ts'
import type { HandlerDependencies } from '../../../workers/handler.ts'

/**
 * The dependencies that a worker hands to a handler: default configuration but for `keys`, and an event bus that keeps
 * what is published.
 */
export function startDependencies (t: Test, keys: Partial<Config> = {}) {
  const published: QueuedEvent[] = []
  const holds = new Set<HoldReason>()
  const pauseListeners: ((pausedForMs: number) => void)[] = []
  const log = pino({ level: 'silent' })
  const defaults = Value.Create(ConfigSchema)
  const dependencies: HandlerDependencies = {
    config: {
      ...defaults,
      EVENT_PRIORITIES: JSON.parse(defaults.EVENT_PRIORITIES) as Record<string, number>,
      SPOOL_CLASSES: parseSpoolClasses(defaults.SPOOL_CLASSES).classes,
      ...keys
    },
    eventBus: {
      publish: async (event) => {
        published.push(event)
        return { status: 'accepted', durability: 'queued' }
      }
    },
    tracing: NO_TRACING,
    now: () => Date.now(),
    log,
    worker: {
      hold: (reason) => { holds.add(reason) },
      release: (reason) => { holds.delete(reason) },
      onPauseSeen: (listener) => { pauseListeners.push(listener) }
    },
    onClose: (close) => { t.teardown(async () => close()) }
  }
  return { dependencies, published, holds, pauseListeners, context: { signal: new AbortController().signal, log } }
}
