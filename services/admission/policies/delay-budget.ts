import type { PolicyModule } from '../policy.ts'

/**
 * With adaptive thresholds the queue holds as many events as normal ones can wait behind within their budget. From that
 * depth an event gets in for each one that workers finish, so the circuit does not have to open.
 */
const delayBudget: PolicyModule = {
  rank: 35,
  create: () => ({
    judge: ({ priorityClass }, { signals: { thresholds: { hold } }, depth }) => (
      hold !== undefined && depth >= hold && priorityClass !== 'critical'
        ? { kind: 'load', retry: { belowDepth: hold } }
        : undefined
    )
  })
}

export default delayBudget
