import { Counter, type Registry } from '@prometheus-io/client'
import type { ClockName } from '../clock/trusted-clock.ts'
import { showGauge } from './shown.ts'

const CLOCKS: readonly ClockName[] = ['host', 'redis']

/** Registers the metrics of the clock that decides deadlines, and returns the function that counts a step. */
export function registerClockMetrics (
  registry: Registry, isHolding: () => boolean
): { stepped: (clock: ClockName) => void } {
  const steps = new Counter({
    name: 'spillway_clock_steps_total',
    help: 'How often this process saw that the clock of its host or of Redis was set by a second or more',
    labelNames: ['clock'],
    registers: [registry]
  })
  for (const clock of CLOCKS) steps.inc({ clock }, 0)
  showGauge(registry, {
    name: 'spillway_clock_held',
    help: '1 while a clock was set so recently that it does not decide deadlines alone',
    read: () => Number(isHolding())
  })
  return { stepped: (clock) => steps.inc({ clock }) }
}
