import type { Logger } from 'pino'
import type { ForecastingOptions } from './forecasting.ts'

/** A forecast that acts again and again says so this often. */
const INTERVAL_MS = 30_000

/**
 * Returns the listeners that log a broken record, and each kind of act with what became of it. An act that only would
 * have been is not logged.
 *
 * @param now milliseconds of a clock that does not go back
 */
export function forecastLog (
  log: Pick<Logger, 'info' | 'warn'>, { key, acts, now }: { key: string, acts: boolean, now: () => number }
): Pick<ForecastingOptions, 'onAct' | 'onBroken' | 'onSettled'> {
  const saidAt = new Map<string, number>()
  const isDue = (line: string) => {
    if (!acts || now() - (saidAt.get(line) ?? -Infinity) < INTERVAL_MS) return false
    saidAt.set(line, now())
    return true
  }
  return {
    onBroken: () => log.warn(
      { event: 'forecast-record-broken', key },
      `${key} in Redis is not what the forecast has written; it starts to learn afresh and overwrites it`
    ),
    onAct: (decision, breachSeconds) => {
      if (!isDue(decision.act)) return
      log.warn(
        { event: 'forecast-act', ...decision, breachSeconds: Math.round(breachSeconds) },
        decision.act === 'pre-shed-low'
          ? 'a share of the low events is refused ahead of a predicted breach'
          : 'more workers are asked for ahead of a predicted breach'
      )
    },
    onSettled: ({ act, wasRight, highest, limit }) => {
      if (!isDue(`${act} settled`)) return
      log.info(
        { event: 'forecast-act-settled', act, wasRight, highest, limit },
        wasRight
          ? 'the breach that the forecast predicted came, or would have come without its act'
          : 'the breach that the forecast predicted would not have come'
      )
    }
  }
}
