/*
 * The attacks: hostile clients, producers and consumers against a real service, each beside a producer of critical
 * events.
 *
 *   attack ──► service ──► consumer (perhaps hostile)
 *                ▲ └─────► log ──► checks
 *   producer ────┘ of critical events
 *
 * The exit code is 1 if a check was violated, and 2 if the flags are wrong. With --sabotage the product is broken on
 * purpose, and the exit code is 1 if a broken product passes. The last line is `N passed, N failed`.
 */
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { orExit } from '../rig/options.ts'
import { withOwner, type Owner } from '../rig/owner.ts'
import { loadFolder, type RegistryEntry } from '../services/registry/load-folder.ts'
import { ATTACK_SHAPE, isAttack, type Attack } from './attack.ts'
import { helpText, parseOptions } from './options.ts'
import { markdownReport, textReport } from './report.ts'
import { runAttack, type Outcome } from './run-attack.ts'
import { loadSabotages, trySabotage } from './sabotage-run.ts'
import { needsOwn, startTarget, type Target } from './target.ts'

const LARGEST_FRESH_SEED = 1_000_000
const say = (text: string) => { process.stdout.write(`${text}\n`) }

const attacks = await loadFolder(join(import.meta.dirname, 'attacks'), isAttack, ATTACK_SHAPE)
const names = attacks.map(({ name }) => name)
const options = orExit(() => parseOptions(process.argv.slice(2), names, randomInt(LARGEST_FRESH_SEED)))
const chosen = attacks.filter(({ name, value }) =>
  options.only?.includes(name) ?? !(options.isQuick && value.isLong === true)
)
if (options.isHelp) {
  say(helpText(names))
} else {
  const failed = await (options.isSabotage ? proveTheChecks() : withOwner(attack))
  process.exitCode = failed === 0 ? 0 : 1
}

async function attack (owner: Owner): Promise<number> {
  say(`seed ${options.seed}: ${chosen.length} attacks, ${options.isQuick ? 'quick' : 'long'}`)
  const outcomes: Outcome[] = []
  let shared: Target | undefined
  for (const entry of chosen) {
    const isShared = !needsOwn(entry.value)
    if (isShared && shared?.isAlive() !== true) shared = await startTarget(owner)
    const outcome = isShared ? await runAttack(entry.name, entry.value, shared as Target, options) : await alone(entry)
    outcomes.push(outcome)
    say(`${outcome.findings.length === 0 ? 'passed' : 'FAILED'} ${entry.name} in ${outcome.seconds.toFixed(1)} s`)
    // A long run may be stopped before its report.
    if (options.markdown !== undefined) await writeFile(options.markdown, markdownReport(outcomes))
    for (const { check, examples } of outcome.findings) say(`  ${check}: ${examples[0] ?? ''}`)
  }
  say(`\n${textReport(outcomes)}\n`)
  const failures = outcomes.filter(({ findings }) => findings.length > 0).length
  say(`${outcomes.length - failures} passed, ${failures} failed`)
  return failures
}

async function alone ({ name, value }: RegistryEntry<Attack>): Promise<Outcome> {
  return await withOwner(async (owner) => runAttack(name, value, await startTarget(owner, value), options))
}

async function proveTheChecks (): Promise<number> {
  const sabotages = (await loadSabotages()).filter(({ value }) =>
    options.only?.includes(value.attack) ?? true)
  say(`seed ${options.seed}: ${sabotages.length} sabotaged products`)
  let missed = 0
  for (const sabotage of sabotages) {
    const { isCaught, by, seconds } = await trySabotage(sabotage, attacks, options.seed)
    if (!isCaught) missed++
    say(`${isCaught ? 'caught' : 'MISSED'} ${sabotage.name} in ${seconds.toFixed(1)} s by ${
      by.join(', ') || 'nothing'
    }; expected ${sabotage.value.expects}: ${sabotage.value.description}`)
  }
  say(`${sabotages.length - missed} passed, ${missed} failed`)
  return missed
}
