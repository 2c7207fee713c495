/* Random posts of organizations, and the events that their answers tell of. */
import { eventually } from '../../rig/eventually.ts'
import { integer, pick, type Random } from '../../rig/random.ts'

/** The answers of one organization, as far as its quota is concerned. */
export interface Told {
  /** Events that were answered as stored, and not as duplicates. */
  stored: number
  /** Events without an answer, or with the answer that they may be stored. */
  unknown: number
}

interface Answer {
  readonly status?: string | number
  readonly mayBeStored?: boolean
  readonly accepted?: number
  readonly results?: readonly { readonly index: number, readonly status: string, readonly mayBeStored?: boolean }[]
}

interface PostedEvent { readonly id?: string, readonly organizationId: string, readonly priority: number }

/** Events of a body that uses up a quota. */
const BODY_EVENTS = 500

/** Posts events of organizations in all forms, and counts what becomes of them. */
export class QuotaPosts {
  readonly told = new Map<string, Told>()
  /** Statuses that were seen, so that a test can tell whether it has tested anything. */
  readonly seen: Set<string>
  readonly #url: () => string
  readonly #random: Random
  readonly #organizations: readonly string[]
  readonly #open = new Set<Promise<void>>()
  readonly #used: PostedEvent[] = []
  #next = 0

  constructor (url: () => string, random: Random, organizations: readonly string[], seen: Set<string>) {
    this.#url = url
    this.#random = random
    this.#organizations = organizations
    this.seen = seen
    this.forget()
  }

  /** Forgets all answers, since the process that gave them is gone. */
  forget (): void {
    for (const name of this.#organizations) this.told.set(name, { stored: 0, unknown: 0 })
  }

  /** Begins a random post without waiting for its answer. */
  begin (): void {
    const random = this.#random
    const draw = random()
    if (draw < 0.4) return this.#send('single', [this.#event()])
    if (draw < 0.55) {
      const twice = this.#event(true)
      this.#send('single', [twice])
      return this.#send('single', [twice])
    }
    // The answer to a stream counts what was stored and does not list it, so a stream is of one organization.
    const isStream = draw >= 0.8
    const organizationId = pick(random, this.#organizations)
    const events = Array.from({ length: integer(random, 1, 9) }, () => this.#event())
      .filter((event) => !isStream || event.organizationId === organizationId)
    if (events.length === 0) events.push(this.#event(true, organizationId))
    // The same event twice in a body.
    if (random() < 0.3) events.push(events[0]!)
    this.#send(isStream ? 'stream' : 'array', events)
  }

  /** Resolves when every post has an answer, or none will come. */
  async settled (): Promise<void> {
    await Promise.all(this.#open)
  }

  /** Uses up what is left of a quota and returns the number of events that it was. */
  async left (organizationId: string): Promise<number> {
    const events = Array.from({ length: BODY_EVENTS }, () => ({ type: 'x', payload: 1, organizationId, priority: 5 }))
    let left = 0
    await eventually('the quota is used up', async () => {
      const answer = await fetch(`${this.#url()}/api/v1/events/batch`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(events)
      })
      const { accepted = 0, quota = 0 } = await answer.json() as { accepted?: number, quota?: number }
      left += accepted
      return quota > 0
    })
    return left
  }

  #event (isNew = this.#random() < 0.7, organizationId = pick(this.#random, this.#organizations)): PostedEvent {
    const random = this.#random
    if (!isNew && this.#used.length > 0) return pick(random, this.#used)
    const event = {
      ...random() < 0.8 && { id: `${organizationId}-${this.#next++}` },
      organizationId,
      priority: pick(random, [1, 5, 9])
    }
    if (event.id !== undefined) this.#used.push(event)
    return event
  }

  #send (form: 'single' | 'array' | 'stream', events: readonly PostedEvent[]): void {
    const random = this.#random
    const bodies = events.map((event) => ({
      ...event,
      payload: 1,
      // Another type under the same id is a conflict, and no type is invalid.
      ...random() < 0.9 ? { type: 'x' } : random() < 0.5 && { type: 'y' }
    }))
    const durability = random() < 0.15 ? 'spooled' : 'queued'
    const posted = this.#post(form, bodies, durability).catch(() => {
      this.seen.add('cut')
      for (const { organizationId } of events) this.told.get(organizationId)!.unknown++
    })
    this.#open.add(posted)
    void posted.finally(() => this.#open.delete(posted))
  }

  async #post (form: string, bodies: readonly PostedEvent[], durability: string): Promise<void> {
    const isStream = form === 'stream'
    const answer = await fetch(`${this.#url()}/api/v1/events${form === 'single' ? '' : '/batch'}`, {
      method: 'POST',
      headers: {
        'content-type': isStream ? 'application/x-ndjson' : 'application/json',
        'x-event-durability': durability,
        'connection': 'close'
      },
      body: isStream
        ? bodies.map((body) => JSON.stringify(body)).join('\n')
        : JSON.stringify(form === 'single' ? bodies[0] : bodies)
    })
    const { results = [], accepted, ...single } = await answer.json() as Answer
    if (form === 'single') return this.#note(bodies[0]!, String(single.status), single.mayBeStored)
    for (const { index, status, mayBeStored } of results) this.#note(bodies[index]!, status, mayBeStored)
    // All results of an array are listed.
    if (isStream) this.told.get(bodies[0]!.organizationId)!.stored += accepted ?? 0
  }

  #note ({ organizationId }: PostedEvent, status: string, mayBeStored = false): void {
    this.seen.add(mayBeStored ? 'unknown' : status)
    const told = this.told.get(organizationId)!
    if (status === 'accepted') told.stored++
    else if (mayBeStored) told.unknown++
  }
}
