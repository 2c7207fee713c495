/** Events per second of each type. */
export type Rates = Readonly<Record<string, number>>

const PRIORITIES: Readonly<Record<string, number>> = {
  'critical-alarm': 1,
  'door-opened': 2,
  'device-state-change': 4,
  'telemetry-data': 5,
  'usage-report': 7,
  'batch-operation': 10
}

const TICK_MS = 100

/** Posts events at the rates of `ratesNow` until it is stopped. It does not retry refused events. */
export function startTraffic (url: string, ratesNow: () => Rates): { stop: () => void } {
  const owed = new Map<string, number>()
  let number = 0
  const timer = setInterval(() => {
    const events: object[] = []
    for (const [type, rate] of Object.entries(ratesNow())) {
      // Real traffic is uneven; this wave is slow enough to show in the charts.
      const wave = 1 + 0.12 * Math.sin(Date.now() / 2_300 + type.length) + 0.1 * (Math.random() - 0.5)
      const due = (owed.get(type) ?? 0) + rate * wave * TICK_MS / 1_000
      owed.set(type, due % 1)
      for (let count = Math.floor(due); count > 0; count--) {
        events.push({
          type,
          priority: PRIORITIES[type],
          payload: { deviceId: `d${++number % 97}`, temperature: 20 + number % 13 }
        })
      }
    }
    if (events.length === 0) return
    const body = JSON.stringify(events)
    // A post fails only while the service stops.
    fetch(`${url}/api/v1/events/batch`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
      (response) => response.text()
    ).catch(() => {})
  }, TICK_MS)
  return { stop: () => clearInterval(timer) }
}
