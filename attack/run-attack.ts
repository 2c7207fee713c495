/* Runs one attack beside a producer of critical events, and checks the service afterwards. */
import type { Cost, CostBounds } from '../rig/metered-service.ts'
import { postCriticalEvents } from '../rig/load/critical-events.ts'
import { withOwner } from '../rig/owner.ts'
import type { Attack } from './attack.ts'
import { Findings, type Finding } from './findings.ts'
import { judgeOutput, printable } from './judge.ts'
import { secretsAtRest } from './secrets.ts'
import type { Target } from './target.ts'

export interface AttackOptions {
  readonly seed: number
  readonly isQuick: boolean
}

export interface Outcome {
  readonly name: string
  readonly description: string
  readonly requests: number
  readonly seconds: number
  /** The longest turn of the event loop of the service, milliseconds of CPU time. */
  readonly longestTurnMs: number
  readonly peakMiB: number
  readonly critical: { readonly posted: number, readonly accepted: number }
  readonly notes: readonly string[]
  readonly findings: readonly Finding[]
}

/** The largest resident set: a heap of 512 MB and what is outside of it. */
const MOST_MEMORY_MIB = 768
/** The longest turn under a flood; a single request is bounded more tightly where it is measured. */
const MOST_TURN_MS = 100
const LEAST_ACCEPTED = 0.999
const MOST_ROUNDS = 8
/** A refusal counts, and not the other load of the machine; the check `turn` sees a service that is slow itself. */
const PATIENCE_MS = 120_000
const MIB = 1_048_576

/** Runs an attack on a target; it throws nothing, since a failure of an attack is a finding. */
export async function runAttack (
  name: string, attack: Attack, target: Target, { seed, isQuick }: AttackOptions
): Promise<Outcome> {
  const findings = new Findings()
  const notes: string[] = []
  const startedAt = performance.now()
  const [stdoutBefore, stderrBefore] = [target.stdout().length, target.service.stderr().length]
  const critical = postCriticalEvents(target.port, { key: target.keys?.critical.key, patienceMs: PATIENCE_MS })
  const died = target.service.exited.then((exit): never => {
    throw new Error(`the service ended with ${exit.signal ?? exit.code}`)
  })
  died.catch(() => {})
  // A measurement of one request ends that of the whole attack, so the attack keeps the highest of all.
  const highest = { longestTurnMs: 0, peakBytes: 0 }
  const keep = ({ longestTurnMs, peakBytes }: Cost) => {
    highest.longestTurnMs = Math.max(highest.longestTurnMs, longestTurnMs)
    highest.peakBytes = Math.max(highest.peakBytes, peakBytes)
  }
  const judgeCost = (request: string, { cpuMs, longestTurnMs }: Cost, { mostCpuMs, mostTurnMs }: CostBounds) => {
    if (cpuMs > mostCpuMs) findings.record('cpu', `${request}: ${cpuMs.toFixed(0)} ms; at most ${mostCpuMs.toFixed(0)}`)
    if (longestTurnMs > mostTurnMs)
      findings.record('turn', `${request}: ${longestTurnMs.toFixed(0)} ms; at most ${mostTurnMs}`)
  }
  const attacking = withOwner((owner) =>
    target.service.measure(() =>
      attack.run({
        target,
        owner,
        seed,
        costs: async (request, act, bounds) => {
          // Deliveries and compilers disturb some rounds.
          const one = await critical.pauseFor(() => target.service.measureWithin(bounds, act))
          keep(one)
          judgeCost(request, one, bounds)
          return one.result
        },
        measure: async (act) => {
          const least = await critical.pauseFor(() => target.service.measureLeast(act, MOST_ROUNDS))
          keep(least)
          return least
        },
        amount: (quick, long) => isQuick ? quick : long,
        report: (check, what) => { findings.record(check, what) },
        note: (what) => { notes.push(what) }
      })
    )
  )
  const measured = await Promise.race([attacking, died]).catch((error: Error) => {
    findings.record(target.isAlive() ? 'breach' : 'crash', printable(error.stack ?? error.message))
  })
  const { posted, accepted, others } = await critical.stop()
  if (!target.isAlive()) findings.record('crash', 'the process does not run')
  const missing = `${accepted} of ${posted} critical events were accepted, ${JSON.stringify([...others])}`
  if (posted === 0 || accepted / posted < (attack.leastAccepted ?? LEAST_ACCEPTED)) findings.record('critical', missing)
  else if (accepted < posted) notes.push(missing)
  if (measured !== undefined) keep(measured)
  const [longestTurnMs, peakMiB] = [highest.longestTurnMs, highest.peakBytes / MIB]
  const mostTurnMs = attack.mostTurnMs ?? MOST_TURN_MS
  if (longestTurnMs > mostTurnMs) findings.record('turn', `${longestTurnMs.toFixed(0)} ms; at most ${mostTurnMs}`)
  if (peakMiB > MOST_MEMORY_MIB) findings.record('memory', `${peakMiB.toFixed(0)} MiB; at most ${MOST_MEMORY_MIB}`)
  const [stdout, stderr] = [target.stdout().slice(stdoutBefore), target.service.stderr().slice(stderrBefore)]
  const secrets = [...target.secrets, ...target.signatures()]
  for (const { check, what } of judgeOutput(stdout, stderr, secrets)) findings.record(check, what)
  if (target.isAlive()) {
    const atRest = await secretsAtRest(target)
      .catch((error: Error) => [{ check: 'breach' as const, what: error.message }])
    for (const { check, what } of atRest) findings.record(check, what)
  }
  return {
    name,
    description: attack.description,
    requests: measured?.result ?? 0,
    seconds: (performance.now() - startedAt) / 1_000,
    longestTurnMs,
    peakMiB,
    critical: { posted, accepted },
    notes,
    findings: findings.list()
  }
}
