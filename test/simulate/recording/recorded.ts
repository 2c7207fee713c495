import { join } from 'node:path'
import type { Test } from 'tap'
import { pino } from 'pino'
import { eventOffer } from '../../../services/admission/offer.ts'
import { ArrivalFolder } from '../../../services/arrivals/arrival-folder.ts'
import { ArrivalRecorder } from '../../../services/arrivals/arrival-recorder.ts'
import { recordedConfiguration } from '../../../services/arrivals/recorded-configuration.ts'
import { loadConfig } from '../../../services/config/load-config.ts'
import type { WorkSample } from '../../../services/control/capacity.ts'
import backpressure from '../../../services/settings/parts/backpressure.ts'
import control from '../../../services/settings/parts/control.ts'

export const BEGIN = Date.UTC(2026, 0, 2, 3, 4, 5)

/** Events of an organization in each second, from a second on and for some seconds. */
export interface Flow {
  readonly organization?: string
  readonly type?: string
  readonly priority?: number
  readonly perSecond: number
  readonly from?: number
  readonly seconds?: number
}

export interface RecordedOptions {
  readonly flows: readonly Flow[]
  readonly seconds: number
  /** Events per second that busy workers are seen to do; without it there is no work. */
  readonly capacity?: number
  readonly env?: Record<string, string>
  readonly id?: string
  readonly path?: string
  /** Seconds after BEGIN at which the process starts. */
  readonly startsAt?: number
}

/** Records arrivals as the service does, on a clock of its own, and returns the folder. */
export async function record (
  t: Test, { flows, seconds, capacity, env = {}, id = 'a', path, startsAt = 0 }: RecordedOptions
): Promise<string> {
  const folder = path ?? join(t.testdir(), 'arrivals')
  const config = loadConfig(env)
  let now = BEGIN + startsAt * 1_000
  const recorder = new ArrivalRecorder({
    folder: new ArrivalFolder({ path: folder, maxBytes: 2 ** 30, id }),
    settings: () => ({
      version: 3, settings: { backpressure: backpressure.defaults(config), control: control.defaults(config) }
    }),
    configuration: recordedConfiguration(config),
    log: pino({ level: 'silent' }),
    now: () => now
  })
  for (let window = 0; window < seconds * 10; window++) {
    if (capacity !== undefined) recorder.observe(busyWork(now, (startsAt + window / 10) * capacity))
    for (const { organization, type = 'reading', priority = 5, perSecond, from = 0, seconds: last = seconds } of flows) {
      if (window < from * 10 || window >= (from + last) * 10) continue
      const offer = eventOffer({ type, priority, ...(organization !== undefined && { organizationId: organization }) })
      const due = Math.floor((window + 1) * perSecond / 10) - Math.floor(window * perSecond / 10)
      for (let event = 0; event < due; event++) recorder.counts.offered(offer)
    }
    now += 100
    if (window % 100 === 99) await recorder.flush()
    else recorder.turn()
  }
  if (seconds % 10 > 0) await recorder.flush()
  return folder
}

/** Two workers whose slots are all taken. */
function busyWork (at: number, worked: number): WorkSample {
  const events = Math.floor(worked)
  return {
    at, arrived: 1_000_000, worked: events, completed: events, waiting: 1_000, inWork: 40, workers: 2, slots: 40,
    takenSlots: 40, isPaused: false, isHeldUp: false
  }
}
