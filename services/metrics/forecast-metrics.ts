import type { Registry } from '@prometheus-io/client'
import { HORIZON_SECONDS } from '../control/forecast-loop.ts'
import { ACTS, type Act } from '../control/forecast/acts.ts'
import type { Forecasting } from '../forecast/forecasting.ts'
import { showCounter, showGauge } from './shown.ts'

/** Registers the forecast. A scrape reads memory; NaN is what is not known. */
export function registerForecastMetrics (registry: Registry, forecasting: Forecasting): void {
  const perHorizon = (of: (state: Forecasting['state']['forecast'][number]) => number | null) => () => {
    const { forecast } = forecasting.state
    return Object.fromEntries(HORIZON_SECONDS.map((seconds, index) => {
      const ahead = forecast[index]
      return [String(seconds), (ahead && of(ahead)) ?? NaN]
    }))
  }
  showGauge(registry, {
    name: 'spillway_forecast_depth',
    help: 'Events that the queue would hold so many seconds from now if none were refused because of load; NaN while unknown',
    label: 'horizon_seconds',
    read: perHorizon(({ depth }) => depth)
  })
  for (const bound of ['low', 'high'] as const) {
    showGauge(registry, {
      name: `spillway_forecast_depth_${bound}`,
      help: `The ${bound} end of the band that holds that depth nine times in ten; NaN while unknown`,
      label: 'horizon_seconds',
      read: perHorizon((ahead) => ahead[bound])
    })
  }
  showGauge(registry, {
    name: 'spillway_forecast_skill',
    help:
      'The skill of that prediction: 1 is perfect, 0 is no better than to expect the present depth; NaN until enough ' +
      'predictions have been compared',
    label: 'horizon_seconds',
    read: perHorizon(({ skill }) => skill)
  })
  showGauge(registry, {
    name: 'spillway_forecast_pre_shed_share',
    help: 'Share of low events that is refused ahead of a predicted breach, 0 to 0.5',
    read: () => forecasting.state.preShedShare
  })
  showGauge(registry, {
    name: 'spillway_forecast_act_precision',
    help:
      'Share of the acts of the forecast for which the predicted breach came, or would have come without the events ' +
      'refused; NaN before the first is known',
    label: 'act',
    read: () => byAct((act) => forecasting.loop?.ledger.precisionOf(act) ?? NaN)
  })
  showCounter(registry, {
    name: 'spillway_forecast_acts_total',
    help: 'Acts of the forecast; with FORECAST=observe, acts that it would have taken',
    label: 'act',
    read: () => byAct((act) => forecasting.loop?.begun[act] ?? 0)
  })
}

function byAct (of: (act: Act) => number): Record<string, number> {
  return Object.fromEntries(ACTS.map((act) => [act, of(act)]))
}
