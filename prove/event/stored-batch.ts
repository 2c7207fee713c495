import { sequencesIn, type Members } from '../checks/delivered-event.ts'
import { elementsOf, membersOf } from './json-text.ts'

/** An event in the stored text of a batch: the numbers that it may have, and the text of its payload. */
export interface StoredEvent {
  readonly sequences: readonly number[]
  readonly payload: string | undefined
}

/** Reads the events of a batch as Spillway stores it: `{"events":[…],…}`, each as posted or with all its fields. */
export function storedEvents (batch: string): StoredEvent[] {
  const events = membersOf(batch).get('events')?.[0]
  return events === undefined ? [] : elementsOf(events).map((text) => {
    const members = membersOf(text)
    const payload = members.get('payload')?.[0]
    const named: [string, readonly string[] | undefined][] = [
      ['id', members.get('id')], ['time', members.get('occurredAt')], ['data', members.get('payload')]
    ]
    const known: Members = new Map(named.flatMap(([name, texts]) => texts === undefined ? [] : [[name, texts]]))
    return { sequences: sequencesIn(known), payload }
  })
}
