import t from 'tap'
import { planFor, type Asked } from '../../../prove/consumer/mood.ts'
import { mulberry32 } from '../../../rig/random.ts'

const asked = (...dooms: Asked['doom'][]): Asked[] => dooms.map((doom, index) => ({ id: `e${index}`, doom }))
const plan = (mood: Parameters<typeof planFor>[0], events: Asked[], seed = 1) =>
  planFor(mood, events, mulberry32(seed), 2_000)

t.test('a consumer that is well takes all, names the dead, and refuses a call with a culprit', async (t) => {
  t.match(plan('well', asked('none', 'none')), { taken: [0, 1], refused: [], status: 200 })
  const named = plan('well', asked('none', 'dead'))
  t.match(named, { taken: [0], refused: [1], status: 207 })
  t.match(JSON.parse(named.body), { results: [{ id: 'e0', status: 'done' }, { id: 'e1', status: 'dead' }] })
  const refused = plan('well', asked('none', 'refused', 'dead'))
  t.match(refused, { taken: [], refused: [] })
  t.ok(refused.status >= 400 && refused.status < 500)
  t.strictSame(plan('well', asked('refused')).refused, [0], 'alone it is refused for good')
})

t.test('the other moods take nothing, or some', async (t) => {
  t.match(plan('failing', asked('none')), { taken: [], refused: [], status: 500 })
  t.ok([429, 503].includes(plan('busy', asked('none', 'dead')).status))
  t.match(plan('refusing', asked('none', 'none')), { taken: [], refused: [] })
  t.strictSame(plan('refusing', asked('none')).refused, [0])
  const partial = plan('partial', asked(...Array.from({ length: 40 }, () => 'none' as const)))
  t.equal(partial.status, 207)
  t.ok(partial.taken.length > 5 && partial.taken.length < 40)
  t.ok(JSON.parse(partial.body).results.length < 40, 'some are not listed')
})
