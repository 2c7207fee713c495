import { sum } from '../../services/admission/sum.ts'
import { durationOf } from '../../simulate/arrivals/arrivals.ts'
import { PRIORITIES } from '../../simulate/classes.ts'
import { runSubject } from '../../simulate/run-subject.ts'
import { ADMITTED, initialValues, SAMPLED_OUT, type SubjectModule } from '../../simulate/subject.ts'
import type { World } from '../../simulate/world/world.ts'
import { MOST_DRAIN_MS, RunRecord, STEP_MS, type RunFigures } from './run-record.ts'

export interface Course {
  readonly figures: RunFigures
  readonly depths: readonly number[]
}

/** Runs a subject of the simulator and records it as the service is recorded. */
export function simulated (module: SubjectModule, world: World, seed: number): Course {
  const record = new RunRecord()
  const endMs = durationOf(world.arrivals)
  const seen = new Set<number>()
  const recorded: SubjectModule = {
    create: (context) => {
      const subject = module.create(context)
      let dueMs = 0
      return {
        offer: (offer, id) => {
          const index = PRIORITIES.indexOf(offer.priority)
          if (!seen.has(id)) record.arrived(index)
          seen.add(id)
          const answer = subject.offer(offer, id)
          if (context.now() > endMs + MOST_DRAIN_MS) return answer
          record.offered()
          if (answer === ADMITTED) record.admitted(index)
          else if (answer === SAMPLED_OUT) record.sampled(index)
          else record.refused(answer)
          return answer
        },
        observe: (reading) => {
          const before = subject.circuitState
          subject.observe(reading)
          if (subject.circuitState !== before) record.flips++
          if (reading.redisTimeMs < dueMs || dueMs >= endMs) return
          record.depths.push(sum(reading.depthByPriority))
          dueMs += STEP_MS
        },
        get weight () { return subject.weight ?? 1 },
        get circuitState () { return subject.circuitState ?? 'CLOSED' }
      }
    }
  }
  const { figures: { waitMs } } = runSubject({ world, module: recorded, parameters: initialValues(module), seed })
  return { figures: { ...record.figures, waitMs }, depths: record.depths }
}
