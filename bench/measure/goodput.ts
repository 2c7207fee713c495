import { setTimeout as wait } from 'node:timers/promises'
import type { Stage } from '../stage.ts'

/** Starts a load and returns the events per second that the consumer finished in the measured time. */
export async function goodput (stage: Stage): Promise<number> {
  await wait(stage.warmUpSeconds * 1_000)
  const before = await finished(stage)
  const startedAt = performance.now()
  await wait(stage.seconds * 1_000)
  const after = await finished(stage)
  return (after - before) / (performance.now() - startedAt) * 1_000
}

async function finished ({ ports }: Stage): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${ports.consumer}/`)
  return (await answer.json() as { events: number }).events
}
