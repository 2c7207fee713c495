import type { PolicyModule } from '../../services/admission/policy.ts'
import { LOW_SHED_SHARE } from '../../services/admission/thresholds.ts'
import { productionGate } from '../production-gate.ts'
import { SCALE, scaledThresholds } from '../scaled-thresholds.ts'
import type { SubjectModule } from '../subject.ts'

const cliff: PolicyModule = {
  rank: 30,
  create: () => ({
    judge: ({ priorityClass }, { signals: { thresholds }, depth }) => {
      const belowDepth = thresholds.critical * LOW_SHED_SHARE
      return priorityClass !== 'critical' && depth >= belowDepth ? { kind: 'load', retry: { belowDepth } } : undefined
    }
  })
}

/** One threshold without a circuit: normal and low are shed alike above 80 % of the critical threshold. */
const staticCliff: SubjectModule = {
  parameters: { scale: SCALE },
  create: (context) => {
    const kept = context.policies.filter(({ name }) => name === 'queue-full')
    return productionGate(scaledThresholds(context), { policies: [...kept, { name: 'cliff', value: cliff }] })
  }
}

export default staticCliff
