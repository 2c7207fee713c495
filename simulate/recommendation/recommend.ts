/*
 * Proposes settings for a recording or a trace. Thresholds are searched as the tuning of `static` does it, from the
 * present ones and from the depth at which a normal event waits for its budget at the measured capacity. Workers and
 * their concurrency follow from the peak minute.
 */
import { byClass, depthWithin } from '../../services/control/wait.ts'
import { mergePatch } from '../../services/settings/merge-patch.ts'
import { compare, type SubjectResult } from '../compare.ts'
import type { RunJobs } from '../job.ts'
import type { Options } from '../options.ts'
import type { Registries } from '../registries.ts'
import type { World } from '../world/world.ts'
import { fine, percent, type Advice } from './advice.ts'
import { budgetAdvice } from './budgets.ts'
import { loadOf } from './load.ts'
import { searchScales, type Search } from './search.ts'
import { thresholdAdvice } from './thresholds.ts'
import { workerAdvice } from './workers.ts'

export interface Recommendation extends Required<Advice> {
  /** Present and proposed thresholds. */
  readonly subjects: readonly SubjectResult[]
}

const ADAPTIVE: Advice = { reasons: ['thresholds: they are adaptive and follow the capacity, so none are proposed'] }
const WITHOUT_MODES: Advice = {
  reasons: ['modes: the search has no smooth shedding, sample or forecast, so check the proposal with --against']
}

export async function recommend (
  options: Options, world: World, registries: Registries, runJobs: RunJobs
): Promise<Recommendation> {
  const { settings: { thresholds }, settingsModel, settingsParts, budgetsMs: [, budgetMs] } = world
  const load = loadOf(world.arrivals, world.mix)
  const capacity = world.slots * 1_000 / world.meanServiceMs
  const arrivalRate = byClass((name) => load.shares[name] * load.minutePeak)
  const budgetDepth = depthWithin(budgetMs, 'normal', { arrivalRate, capacity })
  const search = await searchScales(options, registries, runJobs, budgetDepth / thresholds.critical)
  const { thresholds: mode, shedding, sampling, forecast } = settingsParts.control
  const isAdaptive = mode === 'adaptive'
  const better = isAdaptive ? undefined : search.better
  const parts: readonly Advice[] = [
    {
      reasons: [
        `offered: ${fine(load.mean)} events/s in the mean, ${fine(load.minutePeak)} in the peak minute, ` +
        `${fine(load.secondPeak)} in the peak second; ${percent(load.shares.critical)} critical, ` +
        `${percent(load.shares.low)} low`,
        capacityReason(world, capacity)
      ]
    },
    isAdaptive ? ADAPTIVE : thresholdAdvice(thresholds, search, budgetDepth, budgetMs),
    ...(shedding === 'smooth' || sampling !== 'off' || forecast === 'act' ? [WITHOUT_MODES] : []),
    budgetAdvice((better ?? search.present).figures, world),
    workerAdvice(world, capacity, load.minutePeak)
  ]
  const patch = parts.reduce<object>((merged, each) => mergePatch(merged, each.patch ?? {}) as object, {})
  const checked = settingsModel.patch(settingsParts, patch)
  if (!checked.ok) throw new Error(`the proposal is invalid: ${JSON.stringify(checked.errors)}`)
  return {
    reasons: parts.flatMap(({ reasons }) => reasons),
    patch,
    environment: Object.assign({}, ...parts.map(({ environment }) => environment)) as Record<string, number>,
    subjects: compare(tried({ ...search, better }))
  }
}

function tried ({ present, better }: Search) {
  const named = [{ name: 'present', ...present }, ...(better === undefined ? [] : [{ name: 'proposed', ...better }])]
  return named.map(({ name, scale, runs }) => ({ name, parameters: { scale }, runs }))
}

function capacityReason ({ measuredCapacity, recording }: World, capacity: number): string {
  const figure = `capacity: ${fine(capacity)} events/s, `
  if (measuredCapacity === undefined) {
    return `${figure}from --capacity or --load${recording === undefined ? '' : ', and not from the recording'}`
  }
  return figure + (measuredCapacity.isMeasured
    ? 'measured while workers were busy'
    : 'inferred from the share of slots in use, since workers were never busy: the truth may be lower')
}
