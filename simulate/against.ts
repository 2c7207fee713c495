/*
 * The same recording under the settings that were in force and under proposed ones: who would have been shed, and who
 * would have waited.
 */
import { readFile } from 'node:fs/promises'
import type { Settings, SettingsModel } from '../services/settings/settings.ts'
import { OptionError } from '../rig/options.ts'
import { compare, type SubjectResult } from './compare.ts'
import { DIMENSIONS, Who, type Dimension, type Fate } from './measure/who.ts'
import { budgetsOf, productionWith } from './production-settings.ts'
import { runSubject } from './run-subject.ts'
import type { World } from './world/world.ts'

/** One class, organization or type under both settings. Events are means over the seeds. */
export interface Difference {
  /** Null for events without an organization or a type. */
  readonly name: string | null
  readonly offered: number
  /** Events that the service refused when it was recorded. */
  readonly refusedThen: number
  readonly before: Omit<Fate, 'name' | 'offered'>
  readonly after: Omit<Fate, 'name' | 'offered'>
}

export interface Comparison {
  /** The fields that differ, with both values. */
  readonly changes: readonly { readonly field: string, readonly from: unknown, readonly to: unknown }[]
  readonly subjects: readonly SubjectResult[]
  /** Those whose events are shed otherwise first. */
  readonly who: Readonly<Record<Dimension, readonly Difference[]>>
}

/**
 * Reads proposed settings: a merge patch, `settings` as GET /api/v1/settings shows them, or all of that answer.
 *
 * @throws OptionError that names each wrong field as PATCH /api/v1/settings does
 */
export async function readProposal (path: string, model: SettingsModel, present: Settings): Promise<Settings> {
  const given = await readFile(path, 'utf8').then((text) => JSON.parse(text) as unknown).catch((error: unknown) => {
    throw new OptionError(`--against: ${path} cannot be read: ${(error as Error).message}`)
  })
  const answer = given as { version?: unknown, settings?: unknown } | null
  const isAnswer = typeof answer?.version === 'number' && answer.settings !== undefined
  const checked = model.patch(present, isAnswer ? answer.settings : given)
  if (checked.ok) return checked.settings
  const wrong = checked.errors.map(({ field, message }) => `--against: ${path}: ${field || '(the whole)'}: ${message}`)
  throw new OptionError(wrong.join('\n'))
}

/** Runs production under the settings of the world and under the proposed ones, on the same events. */
export function compareSettings (world: World, proposed: Settings, seeds: number): Comparison {
  const { settingsModel, settingsParts } = world
  const [before, after] = [settingsParts, proposed].map((settings) => runWith(world, settings, seeds))
  const runs = [{ name: 'in force', ...before! }, { name: 'proposed', ...after! }]
  return {
    changes: settingsModel.changes(settingsParts, proposed).map(({ field, from, to }) => ({ field, from, to })),
    subjects: compare(runs.map(({ name, figures }) => ({ name, parameters: {}, runs: figures }))),
    who: Object.fromEntries(DIMENSIONS.map((dimension) => [
      dimension, differences(dimension, world, seeds, before!.who, after!.who)
    ])) as Record<Dimension, Difference[]>
  }
}

function runWith (world: World, settings: Settings, seeds: number) {
  const module = productionWith(settings)
  const who = new Who(world.arrivals.recorded!)
  const budgets = world.areBudgetsGiven ? world.budgetsMs : budgetsOf(settings)
  const changed = { ...world, settings: settings.backpressure, settingsParts: settings, budgetsMs: budgets }
  const figures = Array.from({ length: seeds }, (_, index) =>
    runSubject({ world: changed, module, parameters: {}, seed: index + 1, who }).figures)
  return { figures, who }
}

function differences (dimension: Dimension, world: World, seeds: number, before: Who, after: Who): Difference[] {
  const refused = refusedBy(dimension, world)
  const later = after.fates(dimension)
  return before.fates(dimension).map((fate, index): Difference => {
    const { name = null, offered, ...was } = mean(fate, seeds)
    const { name: _, offered: __, ...is } = mean(later[index]!, seeds)
    return { name, offered, refusedThen: refused[index] as number, before: was, after: is }
  }).filter(({ offered }) => offered > 0)
    .toSorted((a, b) => moved(b) - moved(a) || b.offered - a.offered)
}

const moved = ({ before, after }: Difference) => Math.abs(after.shed - before.shed)

function mean ({ shedBy, ...fate }: Fate, seeds: number): Fate {
  const reasons = Object.entries(shedBy).map(([reason, events]) => [reason, events / seeds])
  return {
    ...fate,
    offered: fate.offered / seeds,
    shed: fate.shed / seeds,
    sampledOut: fate.sampledOut / seeds,
    expired: fate.expired / seeds,
    shedBy: Object.fromEntries(reasons)
  }
}

/** Events that were really refused, by index of the dimension. */
function refusedBy (dimension: Dimension, { arrivals }: World): Float64Array {
  const { kinds, starts, kindOf, refused } = arrivals.recorded!
  const sums = new Float64Array(Math.max(...kinds.map((kind) => kind[dimension])) + 1)
  const end = starts.at(-1) as number
  for (let entry = starts[0] as number; entry < end; entry++) {
    sums[kinds[kindOf[entry] as number]![dimension]]! += refused[entry] as number
  }
  return sums
}
