import { join } from 'node:path'
import { isPolicyModule } from '../services/admission/policy.ts'
import { ConfigError } from '../services/config/config-error.ts'
import { loadConfig } from '../services/config/load-config.ts'
import type { Config } from '../services/config/schema.ts'
import { loadFolder } from '../services/registry/load-folder.ts'
import { isSettingsPart, PART_SHAPE } from '../services/settings/part.ts'
import { mergePatch } from '../services/settings/merge-patch.ts'
import { policyParts } from '../services/settings/policy-parts.ts'
import { SettingsModel, type Settings } from '../services/settings/settings.ts'
import { durationOf, partOf, scaled, totalOf, type Arrivals } from './arrivals/arrivals.ts'
import { withFlood } from './arrivals/flood.ts'
import { fromPattern } from './arrivals/from-pattern.ts'
import { readTrace, TraceError } from './arrivals/read-trace.ts'
import type { WorldOptions } from './options.ts'
import { budgetsOf } from './production-settings.ts'
import { measuredCapacity } from './recording/measured-capacity.ts'
import { readRecording, type Recording } from './recording/read-recording.ts'
import type { Registries } from './registries.ts'
import { capacityOf, type CapacityOptions } from './world/capacity.ts'
import type { World } from './world/world.ts'

/** So many slots are assumed that an event takes about this long, whatever the rate. */
const USUAL_SERVICE_SECONDS = 0.25
/** The queue drains for at most so long after the last arrival. */
const MOST_DRAIN_MS = 3_600_000
const POLICIES = join(import.meta.dirname, '../services/admission/policies')
const PARTS = join(import.meta.dirname, '../services/settings/parts')

/**
 * Builds a world. Thresholds, attempts, budgets and the sample interval are those of production, or of the service that
 * made the recording.
 *
 * @throws TraceError
 */
export async function buildWorld (options: WorldOptions, { patterns, clients }: Registries): Promise<World> {
  const { load, capacityPerSecond, capacityChange, stalls, oscillationMs, source, fromSeconds, ...rest } = options
  const recording = 'recording' in source ? await readRecording(source.recording) : undefined
  const arrivals = arrivalsOf(options, patterns, recording)
  const policies = await loadFolder(POLICIES, isPolicyModule, 'a policy module { rank, create }')
  const { configuration, settingsModel, settings } = await settingsOf(recording, policies, options)
  const measured = capacityPerSecond === undefined && recording !== undefined
    ? measuredCapacity(recording.work, recording.from + fromSeconds * 1_000)
    : undefined
  const capacityOptions: CapacityOptions = {
    change: capacityChange,
    // No work begins while the queue is away.
    stalls: [...stalls, ...options.outages],
    oscillationMs,
    measured: measured?.changes ?? []
  }
  const perSecond = capacityPerSecond ?? measured?.perSecond ??
    totalOf(arrivals.counts) / durationOf(arrivals) * 1_000 / load
  const slots = options.slots ?? Math.max(1, Math.round(measured?.eventsAtOnce ?? perSecond * USUAL_SERVICE_SECONDS))
  const { flood } = options
  return {
    ...rest,
    arrivals: flood === undefined ? arrivals : withFlood(arrivals, flood, perSecond, options.organizations),
    slots,
    meanServiceMs: slots * 1_000 / perSecond,
    capacity: capacityOf(capacityOptions, durationOf(arrivals)),
    capacityOptions,
    drainTargetMs: configuration.DRAIN_TARGET_MS,
    scaleInAfterMs: configuration.SCALE_IN_AFTER_MS,
    attempts: configuration.EVENT_ATTEMPTS,
    timeOutMs: configuration.DELIVERY_TIMEOUT_MS,
    areBudgetsGiven: options.budgetsMs !== undefined,
    budgetsMs: options.budgetsMs ?? budgetsOf(settings),
    clients: options.clients.map((name) => clients.get(name)!),
    settings: settings.backpressure,
    settingsParts: settings,
    policies,
    mostDrainMs: MOST_DRAIN_MS,
    sampleIntervalMs: configuration.QUEUE_SAMPLE_INTERVAL_MS,
    configuration,
    settingsModel,
    ...(recording && { recording }),
    ...(measured && { measuredCapacity: measured })
  }
}

/** The configuration and the settings of the recording, or those by default. */
async function settingsOf (
  recording: Recording | undefined, policies: World['policies'], { preset, critical, sampleIntervalMs }: WorldOptions
): Promise<{ configuration: Config, settingsModel: SettingsModel, settings: Settings }> {
  const parts = await loadFolder(PARTS, isSettingsPart, PART_SHAPE)
  try {
    const configuration = loadConfig({
      ...(recording?.configuration ?? { BACKPRESSURE_PRESET: preset }),
      ...(critical !== undefined && thresholdsBelow(critical)),
      ...(sampleIntervalMs !== undefined && { QUEUE_SAMPLE_INTERVAL_MS: String(sampleIntervalMs) })
    })
    const settingsModel = new SettingsModel([...parts, ...policyParts(policies)], configuration)
    // Members of null are no settings.
    const given = mergePatch({}, recording?.settings ?? {}) as Settings
    // Only a change has to keep the order of the budgets, and these settings were in force.
    const checked = settingsModel.areFieldsValid(given) ? settingsModel.patch(given, {}) : settingsModel.check(given)
    if (checked.ok) return { configuration, settingsModel, settings: checked.settings }
    const wrong = checked.errors.map(({ field, message }) => `${field}: ${message}`)
    throw new TraceError(`the recorded settings are wrong: ${wrong.join('; ')}`)
  } catch (error) {
    if (error instanceof ConfigError) throw new TraceError(`the recorded configuration is wrong: ${error.message}`)
    throw error
  }
}

/** The environment of thresholds in the ratios of the defaults. */
function thresholdsBelow (critical: number): Record<string, string> {
  return {
    QUEUE_RECOVERY_THRESHOLD: String(Math.round(critical / 10)),
    QUEUE_WARNING_THRESHOLD: String(Math.round(critical / 5)),
    QUEUE_CRITICAL_THRESHOLD: String(critical),
    QUEUE_HARD_LIMIT: String(critical * 10)
  }
}

function arrivalsOf (
  { source, scale, fromSeconds, mostSeconds }: WorldOptions,
  patterns: Registries['patterns'],
  recording: Recording | undefined
): Arrivals {
  if ('pattern' in source) {
    return scaled(fromPattern(patterns.get(source.pattern)!, source.eventsPerSecond, source.seconds), scale)
  }
  const whole = 'trace' in source ? readTrace(source.trace, source.column) : recording!.arrivals
  const seconds = durationOf(whole) / 1_000
  const share = (at: number) => Math.min(1, at / seconds)
  const part = partOf(whole, share(fromSeconds), share(fromSeconds + mostSeconds))
  if (totalOf(part.counts) === 0) {
    throw new TraceError(`no event arrives after second ${fromSeconds} of ${seconds}; choose an earlier --from`)
  }
  return scaled(part, scale)
}
