import type { Logger } from 'pino'
import type { Act } from '../control/forecast/acts.ts'
import type { ForecastingOptions, ForecastMode } from './forecasting.ts'

/** A forecast that acts again and again says so this often, each time with the truth that comes later. */
const INTERVAL_MS = 30_000

const SENTENCES: Readonly<Record<Act, string>> = {
  'ask-for-workers': 'more workers are asked for ahead of a predicted breach',
  'sample-low-harder': 'fewer of the low events are kept as a sample ahead of a predicted breach',
  'pre-shed-low': 'a share of the low events is refused ahead of a predicted breach'
}

/**
 * Returns the listeners that log a broken record, and each kind of act with what became of it. An act that only would
 * have been is not logged.
 *
 * @param now milliseconds of a clock that does not go back
 */
export function forecastLog (
  log: Pick<Logger, 'info' | 'warn'>, { key, mode, now }: { key: string, mode: () => ForecastMode, now: () => number }
): Pick<ForecastingOptions, 'onAct' | 'onBroken' | 'onSettled'> {
  const saidAt = new Map<Act, number>()
  /** The kinds whose present act was logged. */
  const said = new Set<Act>()
  return {
    onBroken: () => log.warn(
      { event: 'forecast-record-broken', key },
      `${key} in Redis is not what the forecast has written; it starts to learn afresh and overwrites it`
    ),
    onAct: (decision, breachSeconds) => {
      const { act } = decision
      if (mode() !== 'act' || act === 'none' || now() - (saidAt.get(act) ?? -Infinity) < INTERVAL_MS) return
      saidAt.set(act, now())
      said.add(act)
      log.warn(
        { event: 'forecast-act', ...decision, breachSeconds: Math.round(breachSeconds) },
        SENTENCES[act]
      )
    },
    onSettled: ({ act, wasRight, highest, limit }) => {
      if (!said.delete(act)) return
      log.info(
        { event: 'forecast-act-settled', act, wasRight, highest, limit },
        wasRight
          ? 'the breach that the forecast predicted came, or would have come without its act'
          : 'the breach that the forecast predicted would not have come'
      )
    }
  }
}
