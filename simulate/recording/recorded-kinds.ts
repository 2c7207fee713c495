import { PRIORITY_CLASSES, priorityClass } from '../../services/admission/priority-class.ts'
import { FIRST_NAME, NO_NAME, OTHER_NAMES, type ArrivalRecord } from '../../services/arrivals/arrival-record.ts'
import type { ArrivalKind } from '../arrivals/arrivals.ts'

/** Stands for all names without a row of their own. */
export const OTHERS = '(others)'

/** Translates the kinds of each record to kinds that all records share. */
export class RecordedKinds {
  readonly kinds: ArrivalKind[] = []
  readonly organizations: readonly (string | undefined)[]
  readonly types: readonly (string | undefined)[]
  readonly #indexOf: Readonly<Record<'organizations' | 'types', ReadonlyMap<string, number>>>
  readonly #known = new Map<string, number>()

  /** @param names the ones that keep their own rows */
  constructor (names: { readonly organizations: readonly string[], readonly types: readonly string[] }) {
    this.organizations = [undefined, OTHERS, ...names.organizations]
    this.types = [undefined, OTHERS, ...names.types]
    this.#indexOf = { organizations: indexes(names.organizations), types: indexes(names.types) }
  }

  /** Returns for each kind of the record its kind here. */
  of ({ kinds, organizations, types }: ArrivalRecord): Int32Array {
    const organizationAt = this.#places('organizations', organizations)
    const typeAt = this.#places('types', types)
    return Int32Array.from(kinds, ([priority, type, organization]) => this.#add({
      class: PRIORITY_CLASSES.indexOf(priorityClass(priority)),
      organization: organizationAt[organization] as number,
      type: typeAt[type] as number
    }))
  }

  /** The index here of each place in a record. */
  #places (dimension: 'organizations' | 'types', names: readonly string[]): number[] {
    return [NO_NAME, OTHER_NAMES, ...names.map((name) => this.#indexOf[dimension].get(name) ?? OTHER_NAMES)]
  }

  #add (kind: ArrivalKind): number {
    const key = `${kind.class} ${kind.organization} ${kind.type}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#known.set(key, this.kinds.length)
    return this.kinds.push(kind) - 1
  }
}

function indexes (names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, FIRST_NAME + index]))
}
