import type { PolicyModule } from '../policy.ts'

/** The key of the producer may not give this priority. The head stands for the best event that the key may post. */
const priorityCeiling: PolicyModule = {
  rank: 1,
  kind: 'forbidden',
  create: () => ({
    judge: ({ priority, producer: { bestPriority } }) =>
      priority < bestPriority ? { kind: 'forbidden', retry: 'never', bestPriority } : undefined
  })
}

export default priorityCeiling
