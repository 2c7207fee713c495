import type { Objection, PolicyModule } from '../policy.ts'

const MISMATCH: Objection = { kind: 'forbidden', retry: 'never' }

/** The event names an organization, and the key of its producer belongs to another one. */
const organizationMismatch: PolicyModule = {
  rank: 3,
  kind: 'forbidden',
  create: () => ({
    judge: ({ organizationId, producer }) =>
      producer.organizationId !== undefined && organizationId !== producer.organizationId ? MISMATCH : undefined
  })
}

export default organizationMismatch
