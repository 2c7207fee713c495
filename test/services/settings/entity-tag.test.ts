import t from 'tap'
import { entityTag, versionTest } from '../../../services/settings/entity-tag.ts'

t.test('If-Match names the versions that a change is meant for', async (t) => {
  t.equal(entityTag(7), '"7"')
  const table: [ifMatch: string | undefined, versions: number[]][] = [
    [undefined, [6, 7]],
    ['*', [6, 7]],
    [' * ', [6, 7]],
    ['"7"', [7]],
    ['7', [7]],
    ['"6", "7"', [6, 7]],
    ['W/"7"', []],
    ['', []],
    ['"x"', []],
    ['"7', [7]],
    ['"07"', []]
  ]
  for (const [ifMatch, versions] of table) t.strictSame([6, 7].filter(versionTest(ifMatch)), versions, String(ifMatch))
})
