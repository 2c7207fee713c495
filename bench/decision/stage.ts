import { join } from 'node:path'
import { Registry } from '@prometheus-io/client'
import { pino } from 'pino'
import { AdmissionGate } from '../../services/admission/gate.ts'
import { AdmissionController } from '../../services/admission/controller.ts'
import { createPolicies, isPolicyModule } from '../../services/admission/policy.ts'
import { Shadow } from '../../services/admission/shadow.ts'
import type { Relief } from '../../services/admission/signals.ts'
import type { Thresholds } from '../../services/admission/thresholds.ts'
import { ArrivalCounts, withArrivals } from '../../services/arrivals/arrival-counts.ts'
import { RetryAccuracy } from '../../services/control/retry-accuracy.ts'
import { FrequentTypes } from '../../services/history/frequent-types.ts'
import { countAdmissions } from '../../services/ledger/count-admissions.ts'
import { AdmissionLedger } from '../../services/ledger/admission-ledger.ts'
import { Usage } from '../../services/organizations/usage.ts'
import { StatementBook } from '../../services/statements/statement-book.ts'
import { AdmissionMetrics } from '../../services/metrics/admission-metrics.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'

const POLICIES = join(import.meta.dirname, '../../services/admission/policies')

/** The defaults of the service. */
const THRESHOLDS: Thresholds = { recovery: 5_000, warning: 10_000, critical: 50_000, hardLimit: 200_000 }
const NO_SETTINGS = Object.freeze({})
const SAMPLE_INTERVAL_MS = 100
const SAMPLES_PER_RECORD = 100
const NORMAL = 5

/** Admission as in a running service, with a queue of constant depth. */
export class Stage {
  readonly controller: AdmissionController
  readonly gate: AdmissionGate
  readonly #depthByPriority: readonly number[]
  readonly #relief: Relief
  readonly #arrivals: ArrivalCounts | undefined
  #now = 0
  #finished = 0
  #samples = 0

  private constructor (
    controller: AdmissionController, metrics: AdmissionMetrics, depth: number, arrivals: ArrivalCounts | undefined,
    relief: Relief
  ) {
    this.#relief = relief
    this.controller = controller
    this.#arrivals = arrivals
    this.#depthByPriority = Array.from({ length: 11 }, (_, priority) => priority === NORMAL ? depth : 0)
    const accuracy = new RetryAccuracy({ now: () => performance.now() })
    const counters = countAdmissions(
      new AdmissionLedger(), metrics, new FrequentTypes(), accuracy, new Usage(), new StatementBook()
    )
    this.gate = new AdmissionGate({
      controller,
      mode: 'true',
      isProcessOverloaded: () => false,
      now: () => this.#now,
      random: () => Math.random(),
      log: pino({ level: 'silent' }),
      counters: arrivals === undefined ? counters : withArrivals(counters, arrivals),
      isWriteRefusal: () => false,
      spool: { classes: new Set(['critical']), canWrite: true }
    })
    this.sample()
  }

  /**
   * Builds it with the policies of their folder and with metrics that count every decision.
   *
   * @param isRecording whether arrivals are recorded too
   * @param relief what the controllers call for; nothing by default
   * @param hasShadow whether a shadow decides on each offer too
   * @param quotas their part of the settings; nobody has one by default
   */
  static async at (
    depth: number, isRecording: boolean, relief: Relief = {}, hasShadow = false, quotas: object = {}
  ): Promise<Stage> {
    const modules = await loadFolder(POLICIES, isPolicyModule, 'a policy module')
    const policies = createPolicies(modules, () => Date.now(), (part) => part === 'quotas' ? quotas : NO_SETTINGS)
    const metrics = new AdmissionMetrics(new Registry(), policies)
    const arrivals = isRecording ? new ArrivalCounts() : undefined
    const controller = new AdmissionController({ thresholds: THRESHOLDS, policies, now: 0 })
    const stage = new Stage(controller, metrics, depth, arrivals, relief)
    if (hasShadow) {
      const fork = stage.gate.fork(createPolicies(modules, () => Date.now()))
      stage.gate.shadow = new Shadow({ controller: fork, mode: 'true', random: () => Math.random(), since: 0 })
    }
    return stage
  }

  /** Publishes the next reading of the queue, as if all events admitted since the last were finished. */
  sample (): void {
    this.#now += SAMPLE_INTERVAL_MS
    this.#finished += SAMPLE_INTERVAL_MS
    this.#arrivals?.endWindow(this.#samples)
    if (++this.#samples % SAMPLES_PER_RECORD === 0) this.#arrivals?.take()
    const sample = {
      depthByPriority: this.#depthByPriority, enqueuedByPriority: this.#depthByPriority, finished: this.#finished
    }
    this.controller.update(sample, this.#now, undefined, undefined, this.#relief)
    this.gate.shadow?.controller.update(sample, this.#now, undefined, undefined, this.#relief)
  }
}
