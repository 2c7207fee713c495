import type { AllowedTypes } from '../refusal.ts'
import type { Objection, PolicyModule } from '../policy.ts'

/** Types that a refusal names: a key may list a thousand, with names of 256 characters. */
const MOST_NAMED = 20

/** The objections by the types of a key, so that a flood of refusals lists them once. */
const objections = new WeakMap<ReadonlySet<string>, Objection>()

function objectionOf (types: ReadonlySet<string>): Objection {
  let objection = objections.get(types)
  if (objection === undefined) {
    const named = [...types].slice(0, MOST_NAMED)
    const allowed: AllowedTypes = { named, more: types.size - named.length }
    objections.set(types, objection = { kind: 'forbidden', retry: 'never', types: allowed })
  }
  return objection
}

/** The key of the producer may post events of some types only, and this is none of them. */
const typeNotAllowed: PolicyModule = {
  rank: 2,
  kind: 'forbidden',
  create: () => ({
    judge: ({ type, producer: { types } }) =>
      types !== undefined && type !== undefined && !types.has(type) ? objectionOf(types) : undefined
  })
}

export default typeNotAllowed
