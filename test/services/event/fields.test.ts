import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { SpillwayEvent } from '../../../clients/typescript/event.ts'
import type { EventInput } from '../../../services/event/event.ts'
import { POSTED_FIELDS } from '../../../services/event/fields.ts'

/** The fields of each in the types of the other: does not compile where they differ. */
const inClient = (event: Required<EventInput>): Required<SpillwayEvent> => event
const inService = (event: SpillwayEvent): EventInput => event

t.test('the client sends the fields that the service takes', async (t) => {
  const source = await readFile(new URL('../../../clients/typescript/event.ts', import.meta.url), 'utf8')
  const [, members = ''] = /^export interface SpillwayEvent \{\n([^}]*)\}/m.exec(source) ?? []
  const fields = [...members.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name)
  t.strictSame(fields.toSorted(), POSTED_FIELDS.toSorted())
  t.strictSame(inService(inClient({} as Required<EventInput>)), {})
})
