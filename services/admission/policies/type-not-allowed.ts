import type { Objection, PolicyModule } from '../policy.ts'

const NOT_ALLOWED: Objection = { kind: 'forbidden', retry: 'never' }

/** The key of the producer may post events of some types only, and this is none of them. */
const typeNotAllowed: PolicyModule = {
  rank: 2,
  kind: 'forbidden',
  create: () => ({
    judge: ({ type, producer: { types } }) =>
      types !== undefined && type !== undefined && !types.has(type) ? NOT_ALLOWED : undefined
  })
}

export default typeNotAllowed
