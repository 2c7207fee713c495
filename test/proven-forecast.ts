import { ForecastLoop } from '../services/control/forecast-loop.ts'
import { encodeLearned } from '../services/forecast/learned-record.ts'

/** A record whose skill is proven, as a service would have written it after hours of a wave of arrivals. */
export function provenRecord (): string {
  const loop = new ForecastLoop({ stepSeconds: 1, onAct: () => {}, onSettled: () => {} })
  let [arrived, depth] = [0, 0]
  for (let second = 0; second < 6_000; second++) {
    const arrivals = Math.round(95 + 70 * Math.sin(second / 60))
    arrived += arrivals
    depth = Math.max(0, depth + arrivals - 100)
    loop.observe({
      at: second * 1_000, depth, inWork: 0, arrived, worked: 0, workers: 1, lowOffered: arrived, refused: 0,
      capacityPerSecond: 100,
      wouldWorkersHelp: true, limit: 100_000, isLowSampled: false
    })
  }
  return encodeLearned({ stepSeconds: 1, learned: loop.learned as object })
}
